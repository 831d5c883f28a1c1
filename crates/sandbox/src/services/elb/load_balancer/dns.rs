//! The names of load balancers in the DNS, and the hosted zones they are in.

use crate::world::Site;

/// AWS General Reference, "Elastic Load Balancing endpoints": the Route 53 hosted zone of
/// application and of network load balancers, by region.
const HOSTED_ZONES: &[(&str, &str, &str)] = &[
    ("us-east-1", "Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"),
    ("us-east-2", "Z3AADJGX6KTTL2", "ZLMOA37VPKANP"),
    ("us-west-1", "Z368ELLRRE2KJ0", "Z24FKFUX50B4VW"),
    ("us-west-2", "Z1H1FL5HABSF5", "Z18D5FSROUN65G"),
    ("ca-central-1", "ZQSVJUPU6J1EY", "Z2EPGBW3API2WT"),
    ("eu-central-1", "Z215JYRZR1TBD5", "Z3F0SRJ5LGBH90"),
    ("eu-west-1", "Z32O12XQLNTSW2", "Z2IFOLAFXWLO4F"),
    ("eu-west-2", "ZHURV8PSTC4K8", "ZD4D7Y8KGAS4G"),
    ("eu-west-3", "Z3Q77PNBQS71R4", "Z1CMS0P5QUZ6D5"),
    ("eu-north-1", "Z23TAZ6LKFMNIO", "Z1UDT6IFJ4EJM"),
    ("eu-south-1", "Z3ULH7SSC9OV64", "Z23146JA1KNAFP"),
    ("ap-east-1", "Z3DQVH9N71FHZ0", "Z12Y7K3UBGUAD1"),
    ("ap-northeast-1", "Z14GRHDCWA56QT", "Z31USIVHYNEOWT"),
    ("ap-northeast-2", "ZWKZPGTI48KDX", "ZIBE1TIR4HY56"),
    ("ap-northeast-3", "Z5LXEXXYW11ES", "Z1GWIQ4HH19I5X"),
    ("ap-south-1", "ZP97RAFLXTNZK", "ZVDDRBQ08TROA"),
    ("ap-southeast-1", "Z1LMS91P8CMLE5", "ZKVM4W9LS7TM"),
    ("ap-southeast-2", "Z1GM3OXH4ZPM65", "ZCT6FZBF4DROD"),
    ("sa-east-1", "Z2P70J7HTTTPLU", "ZTK26PT1VY4CU"),
    ("me-south-1", "ZS929ML54UICD", "Z3QSRYVP46NYYV"),
    ("af-south-1", "Z268VQBMOI5EKX", "Z203XCE67M25HM"),
];

/// The hosted zone of a region's load balancers; that of the first region for one not listed.
pub fn hosted_zone(region: &str, application: bool) -> &'static str {
    let row = HOSTED_ZONES.iter().find(|(code, ..)| *code == region).or(HOSTED_ZONES.first());
    row.map_or(
        "",
        |(_, of_application, of_network)| {
            if application { of_application } else { of_network }
        },
    )
}

/// A name in the DNS. ELB guides: `NAME-DIGITS.REGION.elb.amazonaws.com`, with `internal-` before
/// an internal one; `NAME-ID.elb.REGION.amazonaws.com` for a network load balancer.
pub fn dns_name(site: &mut Site<'_>, name: &str, id: &str, scheme: &str, sort: &str) -> String {
    let region = site.name.clone();
    if sort != "application" {
        return format!("{name}-{id}.elb.{region}.amazonaws.com");
    }
    let first = site.world.chance.letters(b"123456789", 1);
    let rest = site.world.chance.letters(b"0123456789", 8);
    let prefix = if scheme == "internal" { "internal-" } else { "" };
    format!("{prefix}{name}-{first}{rest}.{region}.elb.amazonaws.com")
}
