//! The `Authorization` header of Signature Version 4, as far as it says who asks for what. Secrets
//! are not known to the sandbox, so the signature itself is not checked.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;

use crate::refused::Refused;
use crate::world::Time;

/// Where a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The region's code.
    pub region: String,
    /// The service: `ec2`.
    pub service: String,
}

impl Signature {
    /// Reads a request's signature. Refused as AWS refuses what is unsigned or not signed right
    /// (IAM API reference, "Common errors").
    pub fn of(request: &Request<Bytes>) -> Result<Signature, Refused> {
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(header) = header else {
            let message = "Request is missing Authentication Token";
            return Err(Refused::new("MissingAuthenticationToken", message).status(403));
        };
        Signature::parse(header).ok_or_else(|| {
            let message = "Authorization header requires 'Credential', 'SignedHeaders' and \
                           'Signature' of AWS4-HMAC-SHA256";
            Refused::new("IncompleteSignature", message).status(403)
        })
    }

    fn parse(header: &str) -> Option<Signature> {
        let parts = header.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let part = |name: &str| {
            let mut parts = parts.split(',').map(str::trim);
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        };
        part("SignedHeaders")?;
        part("Signature").filter(|signature| signature.len() == 64)?;
        // AKID/20260101/us-east-1/ec2/aws4_request
        let mut scope = part("Credential")?.split('/').rev();
        let (end, service, region) = (scope.next()?, scope.next()?, scope.next()?);
        (end == "aws4_request" && !service.is_empty() && !region.is_empty())
            .then(|| Signature { region: region.to_owned(), service: service.to_owned() })
    }
}

/// The moment at which a request was signed.
pub fn date(request: &Request<Bytes>) -> Option<Time> {
    // 20260101T000000Z
    let date = request.headers().get("x-amz-date")?.to_str().ok()?;
    let part = |from: usize, to: usize| date.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(9, 11)?, part(11, 13)?, part(13, 15)?);
    let iso = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    let seconds = DateTime::from_str(&iso, Format::DateTime).ok()?.secs();
    u64::try_from(seconds).ok().map(|seconds| Time(seconds.saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: Option<&str>) -> Result<Signature, String> {
        let mut request = Request::new(Bytes::new());
        if let Some(header) = header {
            request.headers_mut().insert(AUTHORIZATION, header.parse().expect("a header"));
        }
        Signature::of(&request).map_err(|refused| refused.code)
    }

    #[test]
    fn region_and_service_stand_in_the_scope() {
        let header = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ecs/aws4_request, \
             SignedHeaders=host, Signature={}",
            "0".repeat(64)
        );
        let signature = Signature { region: "eu-west-1".to_owned(), service: "ecs".to_owned() };
        assert_eq!(of(Some(&header)), Ok(signature));
    }

    #[test]
    fn the_date_is_that_of_the_header() {
        let mut request = Request::new(Bytes::new());
        assert_eq!(date(&request), None);
        let header = "20260101T000102Z".parse().expect("a header");
        request.headers_mut().insert("x-amz-date", header);
        assert_eq!(date(&request), Some(crate::world::BEGINNING + crate::world::Span::seconds(62)));
    }

    #[test]
    fn an_unsigned_request_is_refused() {
        assert_eq!(of(None), Err("MissingAuthenticationToken".to_owned()));
        assert_eq!(of(Some("Basic abc")), Err("IncompleteSignature".to_owned()));
    }
}
