//! Makes the page on the screen equal to a newer one, with as few changes as it takes: what stays the same stays the same
//! element, with its focus, its scroll position and what was typed into it.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlOptionElement, Node};

use super::dom;

/// Makes what is in `old` equal to what is in `new`, which is used up.
pub fn children(old: &Node, new: &Node) {
    let mut left: Vec<Known> = shown(old).into_iter().map(Known::of).collect();
    let mut place = old.first_child();
    for new in shown(new).into_iter().map(Known::of) {
        let found = partner(&left, &new).map(|at| left.remove(at).node);
        place = skip(place, &left, found.as_ref());
        let node = match found {
            Some(found) => {
                one(&found, &new.node);
                found
            }
            // It moves over from its own document, which nobody needs any more.
            None => new.node,
        };
        if place.as_ref() == Some(&node) {
            place = node.next_sibling();
        } else {
            let _ = old.insert_before(&node, place.as_ref());
        }
    }
    for gone in left {
        let _ = old.remove_child(&gone.node);
    }
}

/// A node, and what tells whether another one continues it: asked for once, since every question to the browser costs, and
/// each of a list's lines is held against each other one.
struct Known {
    node: Node,
    kind: String,
    is_element: bool,
    id: Option<String>,
    class: Option<String>,
}

impl Known {
    fn of(node: Node) -> Self {
        let element = node.dyn_ref::<Element>();
        // Read as attributes: a form answers `id` with its field of that name.
        let read = |name| element.and_then(|element| element.get_attribute(name));
        let (id, class) = (read("id"), read("class"));
        Self { kind: node.node_name(), is_element: element.is_some(), id, class, node }
    }
}

/// What a person sees of a node's children: comments only served the server, scripts have run.
fn shown(node: &Node) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut next = node.first_child();
    while let Some(node) = next {
        next = node.next_sibling();
        if node.node_type() != Node::COMMENT_NODE && node.node_name() != "SCRIPT" {
            nodes.push(node);
        }
    }
    nodes
}

/// Leaves out what is not compared, so that a node that is in its place already is not moved there.
fn skip(mut place: Option<Node>, left: &[Known], found: Option<&Node>) -> Option<Node> {
    while let Some(node) = &place {
        if Some(node) == found || left.iter().any(|left| left.node == *node) {
            break;
        }
        place = node.next_sibling();
    }
    place
}

/// The old node that a new one continues: the one of the same id, else the next of the same kind without one.
fn partner(left: &[Known], new: &Known) -> Option<usize> {
    let same = |old: &Known| old.kind == new.kind && old.id == new.id;
    if !new.is_element || new.id.is_some() {
        return left.iter().position(same);
    }
    let like = |old: &Known| same(old) && old.class == new.class;
    left.iter().position(like).or_else(|| left.iter().position(same))
}

fn one(old: &Node, new: &Node) {
    if old.is_equal_node(Some(new)) {
        return;
    }
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(here), Some(there)) if !(here.has_attribute("data-own") && there.has_attribute("data-own")) => {
            attributes(here, there);
            children(old, new);
        }
        (Some(_), _) => {}
        (None, _) => old.set_node_value(new.node_value().as_deref()),
    }
}

fn attributes(old: &Element, new: &Element) {
    for name in names(old) {
        if !new.has_attribute(&name) && !kept(old, &name) {
            let _ = old.remove_attribute(&name);
            follow(old, &name, None);
        }
    }
    for name in names(new) {
        let value = new.get_attribute(&name);
        if old.get_attribute(&name) != value && !kept(old, &name) {
            let _ = old.set_attribute(&name, value.as_deref().unwrap_or_default());
            follow(old, &name, value.as_deref());
        }
    }
}

fn names(element: &Element) -> Vec<String> {
    element.get_attribute_names().iter().filter_map(|name| name.as_string()).collect()
}

/// Whether a dialog is open, the browser knows best.
fn kept(element: &Element, name: &str) -> bool {
    name == "open" && element.node_name() == "DIALOG"
}

/// What a person can change stops following its attribute; unless they are at it, it follows again.
fn follow(element: &Element, name: &str, value: Option<&str>) {
    let focused = dom::document().active_element().as_ref() == Some(element);
    if let (Some(input), false) = (element.dyn_ref::<HtmlInputElement>(), focused) {
        match name {
            "value" => input.set_value(value.unwrap_or_default()),
            "checked" => input.set_checked(value.is_some()),
            _ => {}
        }
    }
    if let (Some(option), "selected") = (element.dyn_ref::<HtmlOptionElement>(), name) {
        option.set_selected(value.is_some());
    }
}
