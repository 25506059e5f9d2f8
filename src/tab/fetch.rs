//! Asks the server: for a page, or for something to be done.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Headers, RequestInit, Response, SupportedType};

use super::dom;

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
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    let document = DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()?;
    Some(Page { document, address: response.url(), ok: response.ok() })
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
