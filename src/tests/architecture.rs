//! Keeps the house: who may import whom, where I/O lives, how long a file may get. ARCHITECTURE.md gives the reasons.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file and its text without comments and without its test module.
struct Source {
    /// From `src/`, with forward slashes.
    path: String,
    code: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).expect("src can be read") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    let mut sources: Vec<Source> = files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).expect("source can be read");
            let path = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
            Source { path, code: code_of(&text), lines: text.lines().count() }
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 50, "the walk found only {} files", sources.len());
    sources
}

/// The lines that are code, up to the first item that is only there for tests (a test module in a file of its own does not count).
fn code_of(text: &str) -> String {
    let mut code = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" && !lines.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with(';')) {
            break;
        }
        if !line.trim_start().starts_with("//") {
            code.push(line);
        }
    }
    code.join("\n")
}

/// Files that are compiled for tests and figures only.
fn in_tests(path: &str) -> bool {
    path.starts_with("tests/")
        || path.starts_with("bench/")
        || path.starts_with("faults/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path == "server/platform/stub.rs"
}

/// Files (outside tests) below `room` that hold `needle`, except those below one of `allowed`.
fn offenders(room: &str, needle: &str, allowed: &[&str]) -> Vec<String> {
    sources()
        .iter()
        .filter(|source| source.path.starts_with(room) && !in_tests(&source.path))
        .filter(|source| !allowed.iter().any(|place| source.path.starts_with(place)))
        .filter(|source| source.code.contains(needle))
        .map(|source| format!("{} holds {needle}", source.path))
        .collect()
}

fn nowhere(room: &str, needles: &[&str], allowed: &[&str]) {
    let found: Vec<String> = needles.iter().flat_map(|needle| offenders(room, needle, allowed)).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn imports_run_one_way() {
    nowhere(
        "domain/",
        &["crate::api", "crate::server", "crate::ui", "crate::pages", "crate::sandbox", "async fn"],
        &[],
    );
    nowhere("ui/", &["crate::server", "crate::pages", "crate::sandbox"], &[]);
    nowhere("pages/", &["crate::server", "crate::sandbox"], &[]);
    nowhere(
        "api/",
        &["crate::pages", "crate::ui", "crate::sandbox", "server::store", "server::platform", "server::vault"],
        &[],
    );
    nowhere("server/", &["crate::pages", "crate::ui", "crate::sandbox", "crate::demo"], &["server/http/shell.rs"]);
    nowhere("server/store/", &["server::service", "server::http", "server::platform", "crate::api"], &[]);
    nowhere(
        "server/platform/",
        &["server::service", "server::http", "server::store", "server::vault", "crate::api"],
        &[],
    );
    nowhere("sandbox/", &["crate::server", "crate::domain", "crate::api", "crate::demo"], &[]);
}

/// What the browser loads must not grow with the pages: they are the server's, and the tab knows none of them.
#[test]
fn pages_stay_out_of_the_browser() {
    nowhere("tab/", &["crate::pages", "crate::app", "crate::server", "leptos", "serde"], &[]);
    for room in ["pages/", "ui/", "app.rs"] {
        nowhere(room, &[" on:", "Effect::new", "Action::new", "NodeRef", "spawn_local"], &["ui/browser"]);
    }
}

#[test]
fn feature_gates_stand_in_lib_only() {
    nowhere("", &["cfg(feature", "cfg(all(feature", "cfg_attr(feature", "cfg!(feature"], &["lib.rs"]);
}

#[test]
fn each_kind_of_io_has_its_room() {
    nowhere("", &["sqlx::"], &["server/store/"]);
    nowhere("", &["reqwest::"], &["server/platform/"]);
    nowhere("", &["web_sys::", "gloo_timers::"], &["ui/browser", "tab/"]);
    nowhere("", &["SystemTime::now", "Instant::now", "rand::rng()", "OsRng"], &["server/clock.rs"]);
}

#[test]
fn health_changes_in_the_lifecycle_only() {
    nowhere("", &["set_standing("], &["server/service/lifecycle.rs", "server/store/accounts.rs"]);
}

#[test]
fn no_shortcuts_around_errors() {
    nowhere("", &[".unwrap()", "todo!(", "unimplemented!(", "AssertSqlSafe", "dbg!("], &[]);
}

/// SPEC W-2: a server function does not touch anything before it knows who asks.
#[test]
fn every_server_function_asks_for_the_session_first() {
    let mut seen = 0;
    for source in sources().iter().filter(|source| source.path.starts_with("api/")) {
        for function in source.code.split("#[server(name").skip(1) {
            seen += 1;
            let body = function.split_once('{').map(|(_, body)| body).expect("a server function has a body");
            let first = body.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("use "));
            let first = first.expect("a server function does something");
            assert!(first.contains("session::require().await?"), "{}: {first}", source.path);
        }
    }
    assert!(seen >= 8, "only {seen} server functions were found");
}

#[test]
fn files_stay_small() {
    let lengths: Vec<(usize, String)> = sources()
        .into_iter()
        .filter(|source| !in_tests(&source.path))
        .map(|source| (source.lines, source.path))
        .collect();
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > 500).collect();
    assert!(long.is_empty(), "over 500 lines: {long:?}");
    let over = lengths.iter().filter(|(lines, _)| *lines > 300).count();
    assert!(over * 10 <= lengths.len(), "{over} of {} files have more than 300 lines", lengths.len());
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |kind: &str| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/store/migrations").join(kind);
        let mut names: Vec<String> = fs::read_dir(dir)
            .expect("migrations can be read")
            .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// Both files are read by different programs; where they say the same thing they must agree.
#[test]
fn cargo_toml_and_leptos_toml_agree() {
    let table = |file: &str, path: &[&str]| {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("file can be read");
        let value: toml::Table = text.parse().expect("valid TOML");
        path.iter().fold(toml::Value::Table(value), |value, key| value.get(key).cloned().expect("table is there"))
    };
    let built = table("Cargo.toml", &["package", "metadata", "leptos"]);
    let run = table("Leptos.toml", &["package", "metadata", "leptos"]);
    let run = run.as_table().expect("a table");
    assert!(!run.is_empty());
    for (key, value) in run {
        if let Some(other) = built.get(key) {
            assert_eq!(value, other, "{key} differs");
        }
    }
}
