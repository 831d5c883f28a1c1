//! A certificate to import in tests, of ours and of other services.

/// Self-signed, with a key of P-256, for `web.example.org` and `*.example.org`.
pub const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBzDCCAXKgAwIBAgIUFGdBfYDWypM0w1kmNI/k7onyv4MwCgYIKoZIzj0EAwIw\n\
JjEKMAgGA1UECgwBeDEYMBYGA1UEAwwPd2ViLmV4YW1wbGUub3JnMB4XDTI2MTEy\n\
MjIwMzYxOVoXDTM2MTExOTIwMzYxOVowJjEKMAgGA1UECgwBeDEYMBYGA1UEAwwP\n\
d2ViLmV4YW1wbGUub3JnMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQEFziARR\n\
sOtakSlml241vrIAKhaePqMG65etowl/h4gCWdQQUr1zWetqYdXqpYqBNYHl7hnQ\n\
U3OQU0aniKiwY6N+MHwwHQYDVR0OBBYEFCU5dNFgrRv38TcrSdDxlKNQNHg8MB8G\n\
A1UdIwQYMBaAFCU5dNFgrRv38TcrSdDxlKNQNHg8MA8GA1UdEwEB/wQFMAMBAf8w\n\
KQYDVR0RBCIwIIIPd2ViLmV4YW1wbGUub3Jngg0qLmV4YW1wbGUub3JnMAoGCCqG\n\
SM49BAMCA0gAMEUCIQCGH4oHAF1RAQMcmI0S4yAy9rcme8D+iyr5Q+Bp3UN0kwIg\n\
fvGieMfxnnB4bWnJd1W3rhyLtFq1fiTgX4hUo4WqKMs=\n\
-----END CERTIFICATE-----\n\n";

/// A key in form only.
pub const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----\n";
