//! Tells from an HTTP request which AWS operation it is.

use hyper::http::request::Parts;

/// How a service words its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Ec2,
    Query,
    Json,
    Xml,
}

/// Which operation a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub service: String,
    pub name: String,
    pub protocol: Protocol,
    pub write: bool,
}

const READ_PREFIXES: [&str; 8] =
    ["Describe", "List", "Get", "BatchGet", "Lookup", "Filter", "Simulate", "Search"];

pub(super) fn classify(request: &Parts, body: &str) -> Operation {
    let service = signed_service(request);
    let path = request.uri.path();
    if let Some(target) = header(request, "x-amz-target") {
        let (prefix, name) = target.rsplit_once('.').unwrap_or(("", target));
        return named(service.unwrap_or(prefix), name, Protocol::Json);
    }
    if let ["service", shape, "operation", name] =
        path.trim_start_matches('/').split('/').collect::<Vec<_>>()[..]
    {
        return named(service.unwrap_or(shape), name, Protocol::Json);
    }
    let service = service.unwrap_or("-");
    let content_type = header(request, "content-type").unwrap_or("");
    let form = if content_type.contains("x-www-form-urlencoded") { body } else { "" };
    let action = parameter(form, "Action")
        .or_else(|| parameter(request.uri.query().unwrap_or(""), "Action"));
    if let Some(action) = action {
        let protocol = if service == "ec2" { Protocol::Ec2 } else { Protocol::Query };
        return named(service, action, protocol);
    }
    let json = content_type.contains("json");
    Operation {
        service: service.to_owned(),
        name: format!("{} {path}", request.method),
        protocol: if json { Protocol::Json } else { Protocol::Xml },
        write: !request.method.is_safe(),
    }
}

fn named(service: &str, name: &str, protocol: Protocol) -> Operation {
    let write = !READ_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    Operation { service: service.to_owned(), name: name.to_owned(), protocol, write }
}

fn header<'a>(request: &'a Parts, name: &str) -> Option<&'a str> {
    request.headers.get(name)?.to_str().ok()
}

/// The service in the signature's scope, `<key>/<date>/<region>/<service>/aws4_request`, whether
/// the signature is in a header or in the query.
fn signed_service(request: &Parts) -> Option<&str> {
    let in_header = header(request, "authorization").and_then(|value| {
        let scope = value.split_once("Credential=")?.1.split(',').next()?;
        scope.split('/').nth(3)
    });
    in_header.or_else(|| parameter(request.uri.query()?, "X-Amz-Credential")?.split("%2F").nth(3))
}

fn parameter<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(target: &str, headers: &[(&str, &str)], body: &str) -> Operation {
        let mut request = hyper::Request::post(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        classify(&request.body(()).unwrap().into_parts().0, body)
    }

    fn scope(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn each_protocol_is_recognised() {
        let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let ec2 = of("/", &[("authorization", &scope("ec2")), form], "Action=CreateVpc&Version=1");
        assert_eq!(ec2, named("ec2", "CreateVpc", Protocol::Ec2));
        let iam = of("/", &[("authorization", &scope("iam")), form], "Version=1&Action=GetRole");
        assert_eq!(iam, named("iam", "GetRole", Protocol::Query));
        let target = ("x-amz-target", "AmazonEC2ContainerServiceV20141113.CreateCluster");
        let ecs = of("/", &[("authorization", &scope("ecs")), target], "{}");
        assert_eq!(ecs, named("ecs", "CreateCluster", Protocol::Json));
        let cbor = of("/service/Logs/operation/PutRetentionPolicy", &[], "");
        assert_eq!(cbor, named("Logs", "PutRetentionPolicy", Protocol::Json));
        let presigned = "/?Action=GetCallerIdentity&X-Amz-Credential=A%2F20260101%2Fr%2Fsts%2Faws4";
        assert_eq!(of(presigned, &[], ""), named("sts", "GetCallerIdentity", Protocol::Query));
        let rest = of("/bucket", &[("authorization", &scope("s3"))], "");
        assert_eq!((rest.name.as_str(), rest.write), ("POST /bucket", true));
    }

    #[test]
    fn reads_are_told_by_their_names() {
        let write = |name| named("x", name, Protocol::Json).write;
        for read in ["DescribeVpcs", "ListTasks", "GetAuthorizationToken", "BatchGetImage"] {
            assert!(!write(read), "{read}");
        }
        for name in ["CreateVpc", "PutRolePolicy", "TagResource", "AuthorizeSecurityGroupIngress"] {
            assert!(write(name), "{name}");
        }
    }
}
