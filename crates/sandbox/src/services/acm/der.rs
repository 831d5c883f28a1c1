//! X.509 certificates, as far as ACM tells what is in them. RFC 5280, section 4.1.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::world::Time;

/// What a certificate says.
#[derive(Debug, Default, PartialEq)]
pub struct Facts {
    /// Its serial number, as pairs of digits between colons.
    pub serial: String,
    /// The common name of whom it is for.
    pub subject: Option<String>,
    /// The common name of who has signed it.
    pub issuer: Option<String>,
    /// From when on it is valid.
    pub not_before: Option<Time>,
    /// Until when it is valid.
    pub not_after: Option<Time>,
    /// The names of hosts that it is for.
    pub names: Vec<String>,
    /// Of which kind its key is.
    pub key: String,
    /// The public key: the modulus of RSA, the point of an elliptic curve.
    pub public: Vec<u8>,
}

struct Item<'d> {
    tag: u8,
    value: &'d [u8],
}

/// The items that stand side by side.
fn items(mut bytes: &[u8]) -> Option<Vec<Item<'_>>> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let (&tag, rest) = bytes.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            _ => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                if length.len() > 4 {
                    return None;
                }
                (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
        };
        let (value, rest) = rest.split_at_checked(length)?;
        items.push(Item { tag, value });
        bytes = rest;
    }
    Some(items)
}

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];

/// Reads a certificate.
pub fn read(bytes: &[u8]) -> Option<Facts> {
    let whole = items(bytes)?;
    let certificate = items(whole.first().filter(|item| item.tag == 0x30)?.value)?;
    let mut fields = items(certificate.first()?.value)?.into_iter().peekable();
    // The version may be left out.
    fields.next_if(|item| item.tag == 0xa0);
    let serial = fields.next()?.value;
    let _algorithm = fields.next()?;
    let issuer = fields.next()?.value;
    let validity = items(fields.next()?.value)?;
    let subject = fields.next()?.value;
    let key = fields.next()?.value;
    let names = fields.filter(|item| item.tag == 0xa3).filter_map(|item| names(item.value));
    let serial = serial.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    let (key, public) = public_key(key)?;
    Some(Facts {
        serial: serial.join(":"),
        subject: common_name(subject),
        issuer: common_name(issuer),
        not_before: validity.first().and_then(time),
        not_after: validity.get(1).and_then(time),
        names: names.flatten().collect(),
        key,
        public,
    })
}

fn common_name(name: &[u8]) -> Option<String> {
    items(name)?.iter().find_map(|set| {
        let pair = items(items(set.value)?.first()?.value)?;
        let is_common = pair.first()?.value == COMMON_NAME;
        is_common.then(|| String::from_utf8_lossy(pair.get(1).map_or(&[], |v| v.value)).into())
    })
}

fn names(extensions: &[u8]) -> Option<Vec<String>> {
    let list = items(items(extensions)?.first()?.value)?;
    list.iter().find_map(|extension| {
        let parts = items(extension.value)?;
        if parts.first()?.value != ALTERNATIVE_NAMES {
            return None;
        }
        let names = items(items(parts.last()?.value)?.first()?.value)?;
        // dNSName is the choice with number 2.
        let hosts = names.iter().filter(|name| name.tag == 0x82);
        Some(hosts.map(|name| String::from_utf8_lossy(name.value).into()).collect())
    })
}

/// UTCTime has two digits of the year, GeneralizedTime four.
fn time(item: &Item<'_>) -> Option<Time> {
    let text = std::str::from_utf8(item.value).ok()?.strip_suffix('Z')?;
    let text = match item.tag {
        0x17 if text.get(..2)? < "50" => format!("20{text}"),
        0x17 => format!("19{text}"),
        _ => text.to_owned(),
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let iso = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    let seconds = DateTime::from_str(&iso, Format::DateTime).ok()?.secs();
    u64::try_from(seconds).ok().map(|seconds| Time(seconds * 1000))
}

fn public_key(key: &[u8]) -> Option<(String, Vec<u8>)> {
    let parts = items(key)?;
    let algorithm = items(parts.first()?.value)?;
    // A bit string, whose first byte counts unused bits: a point, or a sequence with the modulus.
    let bits = parts.get(1)?.value.get(1..)?;
    let kind = match algorithm.get(1).map(|curve| curve.value) {
        Some(P256) => "EC_prime256v1",
        Some(P384) => "EC_secp384r1",
        Some(P521) => "EC_secp521r1",
        _ => {
            let numbers = items(bits)?;
            let modulus = items(numbers.first()?.value)?.first()?.value;
            let modulus = modulus.iter().copied().skip_while(|byte| *byte == 0);
            let modulus = modulus.collect::<Vec<_>>();
            return Some((format!("RSA_{}", modulus.len() * 8), modulus));
        }
    };
    Some((kind.to_owned(), bits.to_vec()))
}

/// Whether a private key, as RFC 5915, 5958 or 8017 write it, belongs to a public one: it carries
/// it. On elliptic curves the point may be left out, and then nothing can be said.
pub fn belongs(private: &[u8], public: &[u8]) -> bool {
    let carries = private.windows(public.len().max(1)).any(|part| part == public);
    carries || private.len() < public.len() + 32
}
