//! A session with the sandbox as bytes: requests as they go over the wire, one behind the other.
//!
//! The first line may say which account it is: `# seed 7`, with ` as on aws` where things take time.
//! Each request begins with a line `###`, with the milliseconds that pass before it, if any do.

use bytes::Bytes;
use http::Request;
use landfall_sandbox::world::{Delays, Span, World};

/// The most headers that hyper reads, too.
const MOST_HEADERS: usize = 100;

/// The account that a session is with, and its requests with the time that passes before each.
pub fn session(bytes: &[u8]) -> (World, Vec<(Span, &[u8])>) {
    let mut delays = Delays::None;
    let mut seed = 1;
    let mut requests: Vec<(Span, &[u8])> = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = std::str::from_utf8(line).unwrap_or("").trim();
        if let Some(told) = text.strip_prefix("# seed ").filter(|_| at == 0) {
            let (number, more) = told.split_once(' ').unwrap_or((told, ""));
            seed = number.parse().unwrap_or(seed);
            if more == "as on aws" {
                delays = Delays::AsOnAws;
            }
        } else if let Some(millis) = text.strip_prefix("###") {
            if let (Some(start), Some((_, request))) = (start, requests.last_mut()) {
                *request = &bytes[start..at];
            }
            // A year is enough, and more than that many events would take as long.
            let millis = millis.trim().parse().unwrap_or(0u64).min(366 * 24 * 3_600_000);
            requests.push((Span(millis), &[]));
            start = Some(at + line.len());
        }
        at += line.len();
    }
    if let (Some(start), Some((_, request))) = (start, requests.last_mut()) {
        *request = &bytes[start..];
    }
    (World::new(seed, delays), requests)
}

/// A request as hyper would hand it on; `None` where hyper would refuse it.
pub fn request(bytes: &[u8]) -> Option<Request<Bytes>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else { return None };
    let mut request = Request::builder().method(head.method?).uri(head.path?);
    for header in head.headers.iter() {
        request = request.header(header.name, header.value);
    }
    let body = bytes[length..].strip_suffix(b"\n").unwrap_or(&bytes[length..]);
    request.body(Bytes::copy_from_slice(body)).ok()
}
