//! Type erasure that weighs little in the browser.
//!
//! The framework's own erasure keeps, for every erased type, a second way to hydrate it that waits for code loaded later.
//! We load no code later, and those state machines were a fifth of our WebAssembly: here they are left out.

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::ssr::StreamBuilder;
use leptos::tachys::view::{Position, PositionState};

/// Turns a view of any shape into one of the same type as all others.
pub trait Erase {
    /// The view behind a box: keeps types short where branches differ or trees are deep.
    fn erase(self) -> AnyView;
}

impl<V: IntoView + 'static> Erase for V {
    fn erase(self) -> AnyView {
        Whole(self).into_any()
    }
}

/// A view that is hydrated in one go.
struct Whole<V>(V);

impl<V: Render> Render for Whole<V> {
    type State = V::State;

    fn build(self) -> Self::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        self.0.rebuild(state);
    }
}

impl<V: RenderHtml> RenderHtml for Whole<V> {
    type AsyncOutput = V::AsyncOutput;
    type Owned = Whole<V::Owned>;

    const MIN_LENGTH: usize = V::MIN_LENGTH;
    const EXISTS: bool = V::EXISTS;

    async fn resolve(self) -> Self::AsyncOutput {
        self.0.resolve().await
    }

    fn dry_resolve(&mut self) {
        self.0.dry_resolve();
    }

    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.to_html_async_with_buf::<OUT_OF_ORDER>(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.0.hydrate::<FROM_SERVER>(cursor, position)
    }

    /// Only code that is loaded later is waited for, and there is none. The provided way would hold all of `hydrate` once more.
    async fn hydrate_async(self, _: &Cursor, _: &PositionState) -> Self::State {
        unreachable!("the application is hydrated in one go")
    }

    fn into_owned(self) -> Self::Owned {
        Whole(self.0.into_owned())
    }
}

impl<V: AddAnyAttr> AddAnyAttr for Whole<V> {
    type Output<NewAttr: Attribute> = Whole<V::Output<NewAttr>>;

    fn add_any_attr<NewAttr: Attribute>(self, attr: NewAttr) -> Self::Output<NewAttr>
    where
        Self::Output<NewAttr>: RenderHtml,
    {
        Whole(self.0.add_any_attr(attr))
    }
}
