//! Tests of certificates.

use aws_smithy_types::base64;
use serde_json::json;

use super::sample::{CERTIFICATE, KEY};
use crate::probe::Probe;
use crate::world::Span;

/// Of another certificate.
const OTHER_KEY: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgpjUP2dOIYkVEDBIG\n\
2X3pcAykeuKXrQauWAop/DLWfkmhRANCAAS6jUn6VCpjE2cQGz+sPntjkfyM1xuD\n\
ZY9dy5qB/KFZENwJyL8jM693nqhdbGRVMhp3lgATQ52PaG27Z9xr0FWx\n\
-----END PRIVATE KEY-----\n";

#[test]
fn a_requested_certificate_waits_for_its_record_and_gives_up() {
    let mut probe = Probe::with_delays(1);
    let input = json!({ "DomainName": "example.org", "ValidationMethod": "DNS",
        "SubjectAlternativeNames": ["*.example.org"], "IdempotencyToken": "a" });
    let made = probe.ask("acm", "RequestCertificate", input.clone());
    assert_eq!(probe.ask("acm", "RequestCertificate", input), made);
    let arn = json!({ "CertificateArn": made["CertificateArn"] });
    let detail = |probe: &mut Probe| {
        probe.ask("acm", "DescribeCertificate", arn.clone())["Certificate"].clone()
    };
    assert!(detail(&mut probe)["DomainValidationOptions"][0]["ResourceRecord"].is_null());
    probe.pass(Span::seconds(10));
    let told = detail(&mut probe);
    let record = |place: usize| told["DomainValidationOptions"][place]["ResourceRecord"].clone();
    assert_eq!(record(0)["Type"], "CNAME");
    assert_eq!(record(0), record(1));
    assert_eq!(told["Status"], "PENDING_VALIDATION");
    assert_eq!(probe.refused("acm", "GetCertificate", arn.clone()), "RequestInProgressException");
    probe.pass(Span::minutes(72 * 60));
    assert_eq!(detail(&mut probe)["Status"], "VALIDATION_TIMED_OUT");
    probe.ask("acm", "DeleteCertificate", arn.clone());
    assert_eq!(probe.refused("acm", "DeleteCertificate", arn), "ResourceNotFoundException");
}

#[test]
fn an_imported_certificate_is_issued_and_read() {
    let mut probe = Probe::new();
    let input = json!({ "Certificate": base64::encode(CERTIFICATE),
        "PrivateKey": base64::encode(KEY), "Tags": [{ "Key": "a", "Value": "b" }] });
    let made = probe.ask("acm", "ImportCertificate", input);
    let arn = json!({ "CertificateArn": made["CertificateArn"] });
    let detail = probe.ask("acm", "DescribeCertificate", arn.clone())["Certificate"].clone();
    assert_eq!(detail["Status"], "ISSUED");
    assert_eq!(detail["DomainName"], "web.example.org");
    assert_eq!(detail["SubjectAlternativeNames"], json!(["web.example.org", "*.example.org"]));
    assert_eq!(detail["KeyAlgorithm"], "EC_prime256v1");
    assert!(detail["NotAfter"].as_f64() > detail["NotBefore"].as_f64());
    let got = probe.ask("acm", "GetCertificate", arn.clone());
    assert_eq!(got["Certificate"], CERTIFICATE);
    let count = |probe: &mut Probe, input| {
        let list = probe.ask("acm", "ListCertificates", input);
        list["CertificateSummaryList"].as_array().map(Vec::len)
    };
    assert_eq!(count(&mut probe, json!({})), Some(0), "RSA keys alone, unless others are named");
    let keys = json!({ "Includes": { "keyTypes": ["EC_prime256v1"] } });
    assert_eq!(count(&mut probe, keys), Some(1));
    probe.ask("acm", "DeleteCertificate", arn);
    assert!(probe.world.is_pristine());
}

#[test]
fn what_is_no_certificate_is_refused() {
    let mut probe = Probe::new();
    let twice = CERTIFICATE.repeat(2);
    for (certificate, key) in
        [("x", KEY), (CERTIFICATE, "x"), (CERTIFICATE, OTHER_KEY), (KEY, KEY), (&twice, KEY)]
    {
        let input = json!({ "Certificate": base64::encode(certificate),
            "PrivateKey": base64::encode(key) });
        let code = probe.refused("acm", "ImportCertificate", input);
        assert_eq!(code, "ValidationException", "{certificate}");
    }
    for domain in ["", "example", "-a.org", "a b.org", "*.*.org"] {
        let code = probe.refused("acm", "RequestCertificate", json!({ "DomainName": domain }));
        assert_eq!(code, "ValidationException", "{domain}");
    }
}
