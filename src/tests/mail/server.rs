//! A mail server on this machine that goes wrong where it is told to, and remembers everything it took in.

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

pub const USER: &str = "post@agency.example";
pub const PASSWORD: &str = "k6-Fenster+Zaun";

/// Where a conversation may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Greeting,
    Hello,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// In the middle of the text.
    Text,
    /// After the final dot. Who does not answer there has taken the letter in.
    End,
    /// After the letter was taken in and answered.
    Idle,
}

/// How.
#[derive(Clone, Copy, Debug)]
pub enum Does {
    Says(&'static str),
    Drops,
    Hangs,
}

/// What the server does besides.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    pub starttls: bool,
    /// Encrypted from the first byte.
    pub tls: bool,
}

/// A letter that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub to: String,
    pub text: String,
    pub encrypted: bool,
}

impl Taken {
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

#[derive(Default)]
struct Book {
    faults: VecDeque<(Step, Does)>,
    taken: Vec<Taken>,
    connections: usize,
    /// Every line that came in unencrypted.
    plain: Vec<String>,
}

/// A running server; ends when it is dropped.
pub struct PostOffice {
    pub port: u16,
    book: Arc<Mutex<Book>>,
    accepting: JoinHandle<()>,
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl PostOffice {
    pub async fn open() -> Self {
        Self::with(Manners { starttls: true, tls: false }).await
    }

    pub async fn with(manners: Manners) -> Self {
        crate::support::crypto();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let book = Arc::<Mutex<Book>>::default();
        let (shared, acceptor) = (book.clone(), acceptor());
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().expect("not poisoned").connections += 1;
                tokio::spawn(converse(stream, shared.clone(), manners, acceptor.clone()));
            }
        });
        Self { port, book, accepting }
    }

    /// The next time that a conversation comes to this step.
    pub fn will(&self, step: Step, does: Does) {
        self.book.lock().expect("not poisoned").faults.push_back((step, does));
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.book.lock().expect("not poisoned").taken.clone()
    }

    pub fn connections(&self) -> usize {
        self.book.lock().expect("not poisoned").connections
    }

    pub fn plain(&self) -> String {
        self.book.lock().expect("not poisoned").plain.join("\n")
    }

    /// Whether everything has happened that was to go wrong.
    pub fn is_through(&self) -> bool {
        self.book.lock().expect("not poisoned").faults.is_empty()
    }
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(super::certificate("server.pem")).expect("the certificate");
    let chain = chain.collect::<std::result::Result<Vec<_>, _>>().expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(super::certificate("server-key.pem")).expect("the key");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).expect("a pair");
    TlsAcceptor::from(Arc::new(config))
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

struct Talk {
    wire: BufReader<Box<dyn Wire>>,
    book: Arc<Mutex<Book>>,
    encrypted: bool,
}

async fn converse(stream: TcpStream, book: Arc<Mutex<Book>>, manners: Manners, acceptor: TlsAcceptor) {
    let wire: Box<dyn Wire> = match manners.tls {
        true => match acceptor.accept(stream).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return,
        },
        false => Box::new(stream),
    };
    let mut talk = Talk { wire: BufReader::new(wire), book, encrypted: manners.tls };
    if talk.greet(manners, &acceptor).await.is_ok() {
        // How it ended is what the client is asked about.
        let _ = talk.letters().await;
    }
}

impl Talk {
    /// From the greeting to where letters may come.
    async fn greet(&mut self, manners: Manners, acceptor: &TlsAcceptor) -> Result<()> {
        self.step(Step::Greeting, "220 ready").await?;
        self.line().await?;
        let more = if manners.starttls && !self.encrypted { "250-STARTTLS\r\n" } else { "" };
        self.step(Step::Hello, &format!("250-post\r\n{more}250-8BITMIME\r\n250 AUTH PLAIN")).await?;
        let mut next = self.line().await?;
        if next == "STARTTLS" {
            self.step(Step::StartTls, "220 go ahead").await?;
            let wire = std::mem::replace(&mut self.wire, BufReader::new(Box::new(tokio::io::empty())));
            self.wire = BufReader::new(Box::new(acceptor.accept(wire.into_inner()).await?));
            self.encrypted = true;
            self.line().await?;
            self.say("250-post\r\n250-8BITMIME\r\n250 AUTH PLAIN").await?;
            next = self.line().await?;
        }
        if let Some(login) = next.strip_prefix("AUTH PLAIN ") {
            let known = login == STANDARD.encode(format!("\0{USER}\0{PASSWORD}"));
            let answer = if known { "235 welcome".to_owned() } else { format!("535 5.7.8 wrong: {login} {PASSWORD}") };
            self.step(Step::Auth, &answer).await?;
            next = self.line().await?;
        }
        self.mail(&next).await
    }

    async fn letters(&mut self) -> Result<()> {
        loop {
            let to = self.line().await?;
            self.step(Step::Rcpt, "250 fine").await?;
            self.line().await?;
            self.step(Step::Data, "354 go on").await?;
            let text = self.text().await?;
            self.end(to, text).await?;
            if self.fault(Step::Idle).await? {
                return Ok(());
            }
            let next = self.line().await?;
            self.mail(&next).await?;
        }
    }

    async fn mail(&mut self, line: &str) -> Result<()> {
        match line.starts_with("MAIL FROM:<alerts@pilot.example>") {
            true => self.step(Step::Mail, "250 fine").await,
            false => Err(ErrorKind::InvalidData.into()),
        }
    }

    /// Everything up to the final dot, the doubled dots undone.
    async fn text(&mut self) -> Result<String> {
        if let Some(Does::Says(_)) = self.peek(Step::Text) {
            // The rest is read: the answer must not be lost with what nobody reads.
            drop(self.lines_to_dot().await?);
            self.fault(Step::Text).await?;
            return Err(ErrorKind::Other.into());
        }
        if self.peek(Step::Text).is_some() {
            self.line().await?;
            self.fault(Step::Text).await?;
        }
        self.lines_to_dot().await
    }

    async fn lines_to_dot(&mut self) -> Result<String> {
        let mut text = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                return Ok(text);
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
            text.push_str("\r\n");
        }
    }

    async fn end(&mut self, to: String, text: String) -> Result<()> {
        if !matches!(self.peek(Step::End), Some(Does::Says(_))) {
            let encrypted = self.encrypted;
            self.book.lock().expect("not poisoned").taken.push(Taken { to, text, encrypted });
        }
        let known = self.fault(Step::End).await?;
        if known { Ok(()) } else { self.say("250 2.0.0 queued as 7").await }
    }

    /// Answers as usual, or as it was told.
    async fn step(&mut self, step: Step, usual: &str) -> Result<()> {
        if self.fault(step).await? {
            // After a bad answer this server has nothing more to say.
            return Err(ErrorKind::Other.into());
        }
        self.say(usual).await
    }

    fn peek(&self, step: Step) -> Option<Does> {
        let book = self.book.lock().expect("not poisoned");
        book.faults.front().filter(|(at, _)| *at == step).map(|(_, does)| *does)
    }

    /// Goes wrong if it is time: `true` after another answer than usual.
    async fn fault(&mut self, step: Step) -> Result<bool> {
        let Some(does) = self.peek(step) else { return Ok(false) };
        self.book.lock().expect("not poisoned").faults.pop_front();
        match does {
            Does::Says(answer) => self.say(answer).await.map(|()| true),
            Does::Drops => Err(Error::from(ErrorKind::ConnectionAborted)),
            Does::Hangs => std::future::pending().await,
        }
    }

    async fn say(&mut self, text: &str) -> Result<()> {
        self.wire.get_mut().write_all(format!("{text}\r\n").as_bytes()).await?;
        self.wire.get_mut().flush().await
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(self.wire.read_u8().await?);
        }
        let line = String::from_utf8_lossy(&line[..line.len() - 2]).into_owned();
        if !self.encrypted {
            self.book.lock().expect("not poisoned").plain.push(line.clone());
        }
        Ok(line)
    }
}
