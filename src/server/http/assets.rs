//! The built files that every page loads. Their addresses name their content, so that a browser keeps them for good.

use std::path::Path;
use std::sync::OnceLock;

use axum::extract::{Query, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use leptos::config::LeptosOptions;
use serde::Deserialize;

use crate::server::digest::sha256;

/// How much of a digest tells two builds apart.
const DIGITS: usize = 12;

/// What the pages load, and the word that stands for its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    folder: String,
    name: String,
    /// `None` where the files change under a running server, or are not there.
    version: Option<String>,
}

impl Assets {
    /// The files of this process, read once: a new build comes with a new start.
    pub fn of(options: &LeptosOptions) -> &'static Self {
        static ASSETS: OnceLock<Assets> = OnceLock::new();
        ASSETS.get_or_init(|| {
            let watched = std::env::var_os("LEPTOS_WATCH").is_some();
            let folder = Path::new(&*options.site_root).join(&*options.site_pkg_dir);
            Self {
                folder: format!("/{}", options.site_pkg_dir),
                name: options.output_name.to_string(),
                version: if watched { None } else { version(&folder, &options.output_name) },
            }
        })
    }

    /// The address of the file with this ending.
    pub fn address(&self, ending: &str) -> String {
        let plain = format!("{}/{}.{ending}", self.folder, self.name);
        match &self.version {
            Some(version) => format!("{plain}?v={version}"),
            None => plain,
        }
    }

    /// How long a file may be kept that was asked for with this version.
    fn keeps(&self, asked: Option<&str>) -> HeaderValue {
        HeaderValue::from_static(match (&self.version, asked) {
            (Some(version), Some(asked)) if version == asked => "public, max-age=31536000, immutable",
            // By its name alone it stays the same from build to build: ask each time whether the copy is still good.
            _ => "no-cache",
        })
    }
}

/// A digest over the three files together: a page never mixes two builds.
fn version(folder: &Path, name: &str) -> Option<String> {
    let digests: Option<Vec<String>> = ["css", "js", "wasm"]
        .into_iter()
        .map(|ending| std::fs::read(folder.join(format!("{name}.{ending}"))).ok().map(|bytes| sha256(&bytes)))
        .collect();
    Some(sha256(digests?.concat().as_bytes())[..DIGITS].to_owned())
}

/// The version in an address.
#[derive(Default, Deserialize)]
pub struct Asked {
    v: Option<String>,
}

/// Says how long the answer may be kept.
pub async fn keep(assets: &'static Assets, asked: Query<Asked>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let keeps = if response.status().is_success() { assets.keeps(asked.v.as_deref()) } else { assets.keeps(None) };
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(keeps);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets(folder: &Path) -> Assets {
        Assets { folder: "/pkg".into(), name: "app".into(), version: version(folder, "app") }
    }

    #[test]
    fn an_address_changes_with_what_it_leads_to() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(assets(folder.path()).address("css"), "/pkg/app.css", "nothing is built");
        for ending in ["css", "js", "wasm"] {
            std::fs::write(folder.path().join(format!("app.{ending}")), ending).expect("a file");
        }
        let first = assets(folder.path());
        let version = first.version.clone().expect("a version");
        assert_eq!(first.address("wasm"), format!("/pkg/app.wasm?v={version}"));
        assert_eq!(first.keeps(Some(&version)), "public, max-age=31536000, immutable");
        for asked in [None, Some(""), Some("0123456789ab")] {
            assert_eq!(first.keeps(asked), "no-cache", "{asked:?}");
        }
        std::fs::write(folder.path().join("app.wasm"), "newer").expect("a file");
        assert_ne!(assets(folder.path()).version, first.version);
    }
}
