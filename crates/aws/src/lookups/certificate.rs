//! `lookup.certificate`: a certificate of Certificate Manager that exists, by its domain.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_acm::types::{CertificateStatus, CertificateSummary, Filters, KeyAlgorithm};
use futures_util::future::join_all;
use landfall_model::CloudError;
use landfall_model::types::Target;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;
use crate::services::elb::word;

/// `lookup.certificate`.
pub enum CertificateLookup {}

/// What a field takes that needs a certificate: a lookup, or the ARN of one.
pub enum Certificate {}

impl Target for Certificate {
    const KIND: &'static str = "certificate";
    const OUTPUT: &'static str = "arn";
    const LITERAL: &'static str = "arn:";
}

/// Which certificate. Of several the one that was issued last is taken.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The domain that it was issued for, as it stands in the certificate: `example.com`,
    /// `*.example.com`.
    domain: String,
    /// Its status. Default: `issued`.
    #[serde(default)]
    status: Status,
}

/// The status of a certificate.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// It can be used.
    #[default]
    Issued,
    /// Its domain is still to be proven.
    PendingValidation,
    /// Its time is over.
    Expired,
    /// It was imported and is not in use.
    Inactive,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its ARN.
    arn: String,
    /// The domain that it was issued for.
    domain: String,
}

impl Lookup for CertificateLookup {
    const NAME: &'static str = "certificate";
    const YIELDS: &'static str = "certificate";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let all = list(aws, question.status).await?;
        newest(aws, question, &all)
    }

    async fn answers(aws: &Aws, questions: &[Question]) -> Vec<Result<Answered, CloudError>> {
        let statuses: BTreeSet<Status> = questions.iter().map(|question| question.status).collect();
        let lists =
            statuses.into_iter().map(|status| async move { (status, list(aws, status).await) });
        let lists: BTreeMap<Status, _> = join_all(lists).await.into_iter().collect();
        let answer = |question: &Question| match &lists[&question.status] {
            Ok(all) => newest(aws, question, all),
            Err(error) => Err(error.clone()),
        };
        questions.iter().map(answer).collect()
    }
}

async fn list(aws: &Aws, status: Status) -> Result<Vec<CertificateSummary>, CloudError> {
    let status = CertificateStatus::from(word(&status).to_uppercase().as_str());
    // Without a list of key types AWS leaves out all but RSA with up to 2048 bits.
    let keys = KeyAlgorithm::values().iter().map(|name| KeyAlgorithm::from(*name)).collect();
    let pages = aws
        .acm
        .list_certificates()
        .certificate_statuses(status)
        .includes(Filters::builder().set_key_types(Some(keys)).build())
        .into_paginator()
        .items()
        .send();
    pages.collect::<Result<Vec<_>, _>>().await.named("acm:ListCertificates")
}

fn newest(
    aws: &Aws,
    question: &Question,
    all: &[CertificateSummary],
) -> Result<Answered, CloudError> {
    let domain = question.domain.as_str();
    let found = all.iter().filter(|one| one.domain_name.as_deref() == Some(domain));
    let newest = found.max_by_key(|one| since(one)).and_then(|one| one.certificate_arn.clone());
    let arn = newest.ok_or_else(|| {
        let status = word(&question.status).replace('_', " ");
        let message = format!("no certificate for {domain} is {status} in {} here", aws.region);
        CloudError::unexpected("lookup", message)
    })?;
    Ok(Answered { arn, domain: domain.to_owned() })
}

/// Since when a certificate is there, in seconds.
fn since(certificate: &CertificateSummary) -> i64 {
    let issued = certificate.issued_at.or(certificate.imported_at).or(certificate.created_at);
    issued.map_or(0, |at| at.secs())
}
