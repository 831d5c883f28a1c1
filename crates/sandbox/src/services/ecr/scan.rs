//! Scans of images. They find nothing.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::constraint;
use super::image::{ImageId, One};
use super::repository::{of, of_mut};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site, Span, Time, Wait};

/// A scan of an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    begun: Time,
    complete: Time,
}

impl Scan {
    /// A scan that begins now.
    pub fn begin(site: &mut Site<'_>) -> Scan {
        let begun = site.now();
        Scan { begun, complete: begun + site.takes(Wait::ImageScan) }
    }

    /// How far it is.
    pub fn status(&self, now: Time) -> Value {
        match self.complete <= now {
            true => json!({
                "status": "COMPLETE",
                "description": "The scan was completed successfully.",
            }),
            false => json!({ "status": "IN_PROGRESS" }),
        }
    }

    /// What it has found, once it is complete.
    pub fn summary(&self, now: Time) -> Option<Value> {
        (self.complete <= now).then(|| {
            json!({
                "imageScanCompletedAt": self.complete.epoch(),
                "vulnerabilitySourceUpdatedAt": self.complete.epoch(),
                "findingSeverityCounts": {},
            })
        })
    }
}

/// StartImageScan. ECR API: an image can be scanned once in 24 hours.
pub fn start(site: &mut Site<'_>, input: One) -> Answer {
    let now = site.now();
    let scan = Scan::begin(site);
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    let digest = input.image_id.find_or_refuse(repository)?.digest.clone();
    if let Some(image) = repository.images.get_mut(&digest) {
        let recent = |scan: &Scan| scan.begun.until(now) < Span::minutes(24 * 60);
        if image.scan.as_ref().is_some_and(recent) {
            let message = "The scan quota per image has been exceeded. Wait and try again.";
            return Err(Refused::new("LimitExceededException", message));
        }
        image.scan = Some(scan);
    }
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": input.repository_name,
        "imageId": input.image_id.value(),
        "imageScanStatus": { "status": "IN_PROGRESS" },
    }))
}

/// The input of DescribeImageScanFindings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Findings {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    image_id: ImageId,
    // There are never more findings than one page has.
    #[serde(default, rename = "nextToken")]
    _token: Option<String>,
    #[serde(default, rename = "maxResults")]
    _most: Option<i64>,
}

/// DescribeImageScanFindings.
pub fn findings(site: &mut Site<'_>, input: Findings) -> Answer {
    let now = site.now();
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    let image = input.image_id.find_or_refuse(repository)?;
    let scan = image.scan.as_ref().ok_or_else(|| {
        let message = format!(
            "Image scan does not exist for the image with '{}' in the repository with name '{}' \
             in the registry with id '{ACCOUNT}'",
            input.image_id, repository.name
        );
        Refused::new("ScanNotFoundException", message)
    })?;
    let mut findings = scan.summary(now);
    if let Some(findings) = findings.as_mut().and_then(Value::as_object_mut) {
        findings.insert("findings".to_owned(), json!([]));
    }
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "imageId": { "imageDigest": image.digest, "imageTag": input.image_id.value()["imageTag"] },
        "imageScanStatus": scan.status(now),
        "imageScanFindings": findings,
    }))
}

/// The input of BatchGetRepositoryScanningConfiguration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Configurations {
    repository_names: Vec<String>,
}

/// BatchGetRepositoryScanningConfiguration.
pub fn configurations(site: &mut Site<'_>, input: Configurations) -> Answer {
    if !(1..=25).contains(&input.repository_names.len()) {
        return Err(constraint("repositoryNames", "must have length between 1 and 25"));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in &input.repository_names {
        match site.region().ecr.repositories.get(name) {
            Some(repository) => found.push(json!({
                "repositoryArn": repository.arn,
                "repositoryName": name,
                "scanOnPush": repository.scan_on_push,
                "scanFrequency": if repository.scan_on_push { "SCAN_ON_PUSH" } else { "MANUAL" },
                "appliedScanFilters": [],
            })),
            None => failures.push(json!({
                "repositoryName": name,
                "failureCode": "REPOSITORY_NOT_FOUND",
                "failureReason": "The repository was not found",
            })),
        }
    }
    Ok(json!({ "scanningConfigurations": found, "failures": failures }))
}
