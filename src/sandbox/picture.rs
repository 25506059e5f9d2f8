//! Profile pictures: a small symmetrical pattern for each account, as a PNG made by hand.

use super::call::{Call, Reply};

/// Width and height in pixels.
const SIDE: usize = 96;
/// Cells of the pattern in each direction; the right half mirrors the left.
const CELLS: usize = 6;

/// Backgrounds and patterns that go together.
const COLOURS: [([u8; 3], [u8; 3]); 8] = [
    ([0xf3, 0xe3, 0xcb], [0x9a, 0x5b, 0x2c]),
    ([0xd8, 0xe9, 0xe4], [0x1f, 0x6f, 0x64]),
    ([0xe4, 0xe2, 0xf5], [0x4c, 0x45, 0x9e]),
    ([0xfb, 0xe1, 0xdd], [0xb0, 0x3f, 0x35]),
    ([0xe2, 0xee, 0xd3], [0x4f, 0x74, 0x23]),
    ([0xdc, 0xe9, 0xf7], [0x24, 0x5d, 0x96]),
    ([0xfa, 0xec, 0xc0], [0x8a, 0x6a, 0x0b]),
    ([0xf1, 0xde, 0xee], [0x84, 0x37, 0x78]),
];

/// Address of a Facebook picture.
pub fn facebook(id: &str) -> String {
    format!("https://scontent.fbcdn.example/v/t39.30808-1/{id}.png")
}

/// Address of an Instagram or Threads picture.
pub fn instagram(id: &str) -> String {
    format!("https://scontent.cdninstagram.example/v/t51.2885-19/{id}.png")
}

/// Address of an X picture, in the small size that the API names.
pub fn x(id: &str) -> String {
    format!("https://pbs.twimg.example/profile_images/{id}/avatar_normal.png")
}

/// Address of a Pinterest picture.
pub fn pinterest(id: &str) -> String {
    format!("https://i.pinimg.example/600x600_R/{id}.png")
}

/// Address of a LinkedIn picture.
pub fn linkedin(id: &str) -> String {
    format!("https://media.licdn.example/dms/image/{id}.png")
}

/// Address of a Mastodon picture.
pub fn mastodon(host: &str, id: &str) -> String {
    format!("https://files.{host}/accounts/avatars/{id}.png")
}

/// Address of a Bluesky picture.
pub fn bluesky(did: &str) -> String {
    format!("https://cdn.bsky.example/img/avatar/plain/{did}/avatar.png")
}

/// Address of a picture of a Google account or a channel.
pub fn google(id: &str) -> String {
    format!("https://files.ggpht.example/ytc/{id}.png")
}

/// Address of a TikTok picture, signed as they are there.
pub fn tiktok(id: &str) -> String {
    format!("https://files.tiktokcdn.example/{id}.png?x-expires=1800000000&x-signature=s4ndb0x")
}

/// Whether a request is for a picture.
pub fn is_picture(host: &str, path: &str) -> bool {
    let fixed = [
        "scontent.fbcdn.example",
        "scontent.cdninstagram.example",
        "pbs.twimg.example",
        "cdn.bsky.example",
        "i.pinimg.example",
        "media.licdn.example",
    ]
    .contains(&host);
    fixed || (host.starts_with("files.") && path.ends_with(".png"))
}

/// The picture of an address.
pub fn answer(call: &Call) -> Reply {
    if !call.path.ends_with(".png") {
        return Reply::text(404, "Not Found").unexpected();
    }
    Reply::png(png(&format!("{}{}", call.host, call.path))).header("cache-control", "public, max-age=86400")
}

fn png(seed: &str) -> Vec<u8> {
    let mut hash = seed
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // The last bytes alone would decide the high bits little; one more round spreads them.
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 32;
    let (ground, ink) = COLOURS[usize::try_from(hash % 8).unwrap_or(0)];
    let mut header = Vec::new();
    for side in [SIDE, SIDE] {
        header.extend_from_slice(&u32::try_from(side).unwrap_or(0).to_be_bytes());
    }
    // One bit a pixel, a palette, and the only compression, filter and interlace methods there are or none.
    header.extend_from_slice(&[1, 3, 0, 0, 0]);
    let mut file = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"PLTE", &[ground, ink].concat());
    chunk(&mut file, *b"IDAT", &stored(&pixels(hash >> 8)));
    chunk(&mut file, *b"IEND", &[]);
    file
}

/// Rows of one bit a pixel, each after its filter byte.
fn pixels(pattern: u64) -> Vec<u8> {
    let cell = SIDE / CELLS;
    let inked = |x: usize, y: usize| {
        let (column, row) = (x / cell, y / cell);
        let mirrored = column.min(CELLS - 1 - column);
        pattern >> (row * CELLS / 2 + mirrored) & 1 == 1
    };
    let mut rows = Vec::with_capacity(SIDE * (SIDE / 8 + 1));
    for y in 0..SIDE {
        rows.push(0);
        for byte in 0..SIDE / 8 {
            rows.push((0..8).fold(0, |bits, bit| bits << 1 | u8::from(inked(byte * 8 + bit, y))));
        }
    }
    rows
}

/// A zlib stream that holds the data as it is, in one stored block.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let mut stream = vec![0x78, 0x01, 1];
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(data);
    stream.extend_from_slice(&adler32(data).to_be_bytes());
    stream
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    file.extend_from_slice(&u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let body = [&kind, data].concat();
    file.extend_from_slice(&body);
    file.extend_from_slice(&crc32(&body).to_be_bytes());
}

fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !data.iter().fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn adler32(data: &[u8]) -> u32 {
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    // The check values that the two algorithms are published with.
    #[test]
    fn the_sums_are_the_known_ones() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn accounts_have_pictures_of_their_own() {
        let one = png("files.mastodon.example/accounts/avatars/1.png");
        assert_eq!(one, png("files.mastodon.example/accounts/avatars/1.png"));
        assert_ne!(one, png("files.mastodon.example/accounts/avatars/2.png"));
        assert!(one.starts_with(&[0x89, b'P', b'N', b'G']) && one.len() < 2_000);
    }
}
