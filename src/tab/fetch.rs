//! Asks the server: for a page, or for something to be done.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Function, Reflect};
use web_sys::{Document, DomParser, Headers, RequestInit, Response};

use super::dom;
use crate::ui::browser;

/// A page as the server renders it now.
pub struct Page {
    pub document: Document,
    /// Where it was found: redirects may have led elsewhere.
    pub address: String,
    /// Whether it is what was asked for, and not a page about an error.
    pub ok: bool,
}

/// Fetches a page. `None` if the server can't be reached, fails, or answers with something else.
pub async fn page(address: &str) -> Option<Page> {
    let response = send(address, "text/html", RequestInit::new()).await?;
    let html = response.headers().get("content-type").ok()??.starts_with("text/html");
    if !html || response.status() >= 500 {
        return None;
    }
    let document = parse(&JsFuture::from(response.text().ok()?).await.ok()?)?;
    // To read a page and to show it are two pieces of work: what the person types comes in between.
    browser::breath().await;
    Some(Page { document, address: response.url(), ok: response.ok() })
}

/// Called as what it is: to take a long text into the WebAssembly and out again costs a third of the reading.
fn parse(text: &JsValue) -> Option<Document> {
    let parser = DomParser::new().ok()?;
    let parse: Function = Reflect::get(&parser, &"parseFromString".into()).ok()?.dyn_into().ok()?;
    parse.call2(&parser, text, &"text/html".into()).ok()?.dyn_into().ok()
}

/// Posts a form. The answer, and whether it is good; `None` if there was none.
pub async fn post(address: &str, form: &JsValue) -> Option<(bool, JsValue)> {
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_body(form);
    let response = send(address, "application/json", options).await?;
    let answer = JsFuture::from(response.json().ok()?).await.unwrap_or(JsValue::NULL);
    Some((response.ok(), answer))
}

async fn send(address: &str, accept: &str, options: RequestInit) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers.set("accept", accept).ok()?;
    options.set_headers(&headers);
    let answer = JsFuture::from(dom::window().fetch_with_str_and_init(address, &options)).await.ok()?;
    answer.dyn_into().ok()
}
