//! The page in the browser's tab. The server renders every page whole; this keeps the one on the screen true, by fetching it
//! again and changing what differs. It knows no page: a page says by its markup what it wants.
//!
//! | Markup | What the tab does with it |
//! |---|---|
//! | a link without `rel="external"` | follows it without a page load |
//! | a form that posts to `/api/` | sends it, tells the answer in a toast, goes to its `data-then` or looks again |
//! | `data-quick` on a form with `get` | follows it while the person types |
//! | `data-own` | leaves this element as the browser made it |
//! | `dialog[open]` | makes it modal; Escape follows its Cancel |
//! | `a[aria-haspopup="dialog"]` | opens the dialog beside it, filled with the list of the page behind the link |
//! | `data-sift`, `data-tick` | searches and ticks checkboxes |
//! | `data-count="Delete #"` | says how many checkboxes of its form are ticked |

mod boxes;
mod clicks;
mod dialogs;
mod dom;
mod fetch;
mod forms;
mod live;
mod look;
mod morph;
mod palette;
mod panel;
mod pull;
mod theme;
mod times;
mod toasts;
mod waiting;

/// Takes over the page that the server rendered.
pub fn start() {
    times::localise(&dom::body());
    times::start();
    palette::start();
    clicks::start();
    forms::start();
    dialogs::start();
    panel::start();
    pull::start();
    boxes::start();
    theme::start();
    live::start();
}
