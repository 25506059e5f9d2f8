//! Server-sent events that are taken up again where they broke off.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent};

use super::{after, every, now, when_back};

/// What the live stream tells.
pub enum Heard {
    /// The stream stands; `again` if the server can't know what this tab has missed.
    Open { again: bool },
    /// The stream broke off.
    Lost,
    /// The data of one message.
    Message(String),
}

const FIRST_WAIT_MS: u32 = 1_000;
const LONGEST_WAIT_MS: u32 = 30_000;
/// The server lets hear from itself every twenty seconds. One that was silent for so long is taken for dead.
const SILENCE_MS: i64 = 65_000;
/// How often the silence is measured.
const MEASURE_MS: u32 = 15_000;

/// Listens to the server-sent events named `event`, for the life of the tab; `beat` names those that only say that the
/// stream stands. The browser restores a broken stream by itself, and tells the server where it was, until it gets an answer
/// that is no stream (a proxy without its server, a server without its database); from then on we try again, less and less
/// often, and say it ourselves. A stream that died without a word (the laptop slept, the network changed) is opened anew.
pub fn listen(url: &'static str, event: &'static str, beat: &'static str, hear: impl Fn(Heard) + 'static) {
    let stream = Rc::new(Stream {
        url,
        names: [event, beat],
        hear: Box::new(hear),
        source: RefCell::new(None),
        place: RefCell::new(String::new()),
        heard_at: Cell::new(now()),
        wait: Cell::new(FIRST_WAIT_MS),
    });
    stream.open();
    let watched = stream.clone();
    every(MEASURE_MS, move || watched.revive());
    when_back(move || stream.revive());
}

struct Stream {
    url: &'static str,
    /// The events with news, and those without.
    names: [&'static str; 2],
    hear: Box<dyn Fn(Heard)>,
    source: RefCell<Option<EventSource>>,
    /// Where the stream goes on: what the last event said. Empty before the first.
    place: RefCell<String>,
    /// When anything was heard last, or the stream was opened, by this browser's clock.
    heard_at: Cell<i64>,
    wait: Cell<u32>,
}

impl Stream {
    fn open(self: &Rc<Self>) {
        self.heard_at.set(now());
        let place = self.place.borrow().clone();
        let url = if place.is_empty() { self.url.to_owned() } else { format!("{}?since={place}", self.url) };
        let Ok(source) = EventSource::new(&url) else { return };

        let stream = self.clone();
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            stream.heard_at.set(now());
            *stream.place.borrow_mut() = event.last_event_id();
            if let Some(text) = event.data().as_string().filter(|_| event.type_() == stream.names[0]) {
                (stream.hear)(Heard::Message(text));
            }
        });
        for name in self.names {
            let _ = source.add_event_listener_with_callback(name, message.as_ref().unchecked_ref());
        }
        message.forget();

        let stream = self.clone();
        let opened = Closure::<dyn Fn()>::new(move || {
            stream.wait.set(FIRST_WAIT_MS);
            stream.heard_at.set(now());
            // The page was made before its first stream: what happened since, nobody tells.
            (stream.hear)(Heard::Open { again: stream.place.borrow().is_empty() });
        });
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        opened.forget();

        let (stream, broken) = (self.clone(), source.clone());
        let failed = Closure::<dyn Fn()>::new(move || {
            (stream.hear)(Heard::Lost);
            if broken.ready_state() == EventSource::CLOSED {
                let wait = stream.wait.get();
                stream.wait.set((wait * 2).min(LONGEST_WAIT_MS));
                let (stream, broken) = (stream.clone(), broken.clone());
                after(spread(wait), move || {
                    // Unless it was opened anew meanwhile.
                    if stream.source.borrow().as_ref() == Some(&broken) {
                        stream.open();
                    }
                });
            }
        });
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        failed.forget();
        *self.source.borrow_mut() = Some(source);
    }

    /// Opens the stream anew if nothing was heard for too long.
    fn revive(self: &Rc<Self>) {
        if now() - self.heard_at.get() < SILENCE_MS {
            return;
        }
        let source = self.source.borrow_mut().take();
        // One that is closed is opened by whoever waits for that; a stream that can't be opened at all stays away.
        let Some(source) = source else { return };
        source.close();
        (self.hear)(Heard::Lost);
        self.open();
    }
}

/// Half of a wait to all of it: the tabs that a server lost together don't come back together.
fn spread(wait: u32) -> u32 {
    wait / 2 + (f64::from(wait / 2) * web_sys::js_sys::Math::random()) as u32
}
