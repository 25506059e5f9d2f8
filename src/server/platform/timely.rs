//! A body that is not sent when its time is over.
//!
//! Between the decision to send and the first byte on the wire lie a free connection, perhaps a new one, and whatever
//! stops a process meanwhile. A refresh token that goes out after its lease has ended may be spent already by whoever
//! holds the lease now, and a platform may take that for theft. So the last look at the clock is the moment at which the
//! body is handed to the connection: head and body leave together, so that without a body nothing has left.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::server::clock::Deadline;

struct Timely {
    bytes: Option<Bytes>,
    until: Deadline,
}

impl Body for Timely {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.until.is_over() {
            return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the right to send it has ended"))));
        }
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    // The length is known, so that it is not sent in chunks: several platforms don't take those.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// The same request, whose body goes out by then or not at all.
pub(super) fn by(until: Deadline, mut request: reqwest::Request) -> reqwest::Request {
    let bytes = request.body().and_then(|body| body.as_bytes()).filter(|bytes| !bytes.is_empty());
    if let Some(bytes) = bytes.map(Bytes::copy_from_slice) {
        *request.body_mut() = Some(reqwest::Body::wrap(Timely { bytes: Some(bytes), until }));
    }
    request
}
