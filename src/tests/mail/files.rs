//! Letters as files, where no mail server is set up (SPEC A-6).

use std::path::Path;

use pilotlight::server::config::MailConfig;
use pilotlight::server::mail::{Letter, Mailer, Open};

use super::{Counting, kind, letter};

fn into(dir: &Path) -> Mailer {
    let config = MailConfig {
        smtp: None,
        from: "Pilotlight <pilotlight@localhost>".into(),
        hello: "localhost".into(),
        dir: dir.to_owned(),
    };
    Mailer::new(&config).expect("usable settings")
}

fn files(dir: &Path) -> Vec<String> {
    let found = std::fs::read_dir(dir).into_iter().flatten().map(|file| file.expect("a file").file_name());
    let mut names: Vec<String> = found.map(|name| name.into_string().expect("text")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn each_letter_is_one_whole_file() {
    let temporary = tempfile::tempdir().expect("a folder");
    let dir = temporary.path().join("mail");
    let mailer = into(&dir);
    assert!(!mailer.leaves(), "Settings say that no mail leaves");
    let closed = Counting { closed: true, ..Counting::default() };
    assert_eq!((kind(&mailer.deliver(&letter("one"), &closed).await), files(&dir)), ("held", vec![]));
    for id in ["one", "two"] {
        assert_eq!(kind(&mailer.deliver(&letter(id), &Open).await), "taken");
    }
    let names = ["20261101-120000-one.eml", "20261101-120000-two.eml"];
    assert_eq!(files(&dir), names, "and nothing half written");
    // A second attempt: whole again, at the same place.
    let again = Letter { resent: true, ..letter("one") };
    assert_eq!(kind(&mailer.deliver(&again, &Open).await), "taken");
    assert_eq!(files(&dir), names);
    let text = std::fs::read_to_string(dir.join(names[0])).expect("text");
    for part in ["Message-ID: <one@pilot.example>\r\n", "X-Pilotlight-Resent: 1\r\n", "<p>It begins.</p>"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let boundary = text.lines().find_map(|line| line.trim().strip_prefix("boundary=\"")).expect("a boundary");
    assert!(text.trim_end().ends_with(&format!("--{}--", boundary.trim_end_matches('"'))), "whole: {text}");
}

#[tokio::test]
async fn a_folder_that_can_not_be_written_is_tried_again() {
    let temporary = tempfile::tempdir().expect("a folder");
    let dir = temporary.path().join("mail");
    std::fs::write(&dir, "in the way").expect("a file");
    let mailer = into(&dir);
    assert_eq!(kind(&mailer.deliver(&letter("one"), &Open).await), "deferred");
    std::fs::remove_file(&dir).expect("removed");
    assert_eq!(kind(&mailer.deliver(&letter("one"), &Open).await), "taken");
    assert_eq!(files(&dir).len(), 1);
}
