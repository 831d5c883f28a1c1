//! Whether a task gets at what its containers need. On Fargate that goes through the task's own
//! interface: ECS guide, "Fargate task networking".

use serde_json::Value;

use super::task::Task;
use super::task_definition;
use crate::services::ec2::way_out;
use crate::world::Site;

/// Something that a task cannot reach: its words, and the index of the container whose image it is
/// about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// What the task says when it has given up.
    pub reason: String,
    /// The container to blame, where it is one.
    pub container: Option<usize>,
}

/// What the agent talks to on behalf of a task.
enum Host {
    /// A service of AWS in a region, by the name of its endpoints: `logs`.
    Service(&'static str, String),
    /// A bucket of S3 in a region, where the layers of ECR's images are.
    Layers(String),
    /// Something else.
    Outside,
}

/// The first thing that a task cannot reach, in the order in which its agent fetches: registry
/// auth, secrets, log streams, images.
pub fn obstacle(site: &Site<'_>, task: &Task) -> Option<Obstacle> {
    let attachment = task.attachment.as_ref().filter(|_| task.placement.is_fargate())?;
    let is_public = task.placement.network.as_ref().is_some_and(|network| network.is_public());
    let reaches = |host: Host| reaches(site, &attachment.subnet, is_public, &host);
    auth(task, reaches)
        .or_else(|| secrets(site, task, reaches))
        .or_else(|| logs(task, reaches))
        .or_else(|| images(task, reaches))
}

/// VPC guide: a way to the internet serves everything; endpoints serve their services in their
/// region.
fn reaches(site: &Site<'_>, subnet: &str, is_public: bool, host: &Host) -> bool {
    let ec2 = &site.region().ec2;
    way_out::leads_outside(ec2, subnet, is_public)
        || match host {
            Host::Service(service, region) => {
                *region == site.name && way_out::has_interface_endpoint(ec2, subnet, service)
            }
            Host::Layers(region) => {
                let by_gateway = way_out::has_gateway_endpoint(ec2, subnet, "s3");
                *region == site.name
                    && (by_gateway || way_out::has_interface_endpoint(ec2, subnet, "s3"))
            }
            Host::Outside => false,
        }
}

/// The words are those of copilot-cli#5927.
fn auth(task: &Task, reaches: impl Fn(Host) -> bool) -> Option<Obstacle> {
    let mut regions = task.containers.iter().filter_map(|container| registry(&container.image));
    let region = regions.find(|region| !reaches(Host::Service("ecr.api", region.to_string())))?;
    failed(format!(
        "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot \
         pull registry auth from Amazon ECR: There is a connection issue between the task and \
         Amazon ECR. Check your task network configuration. RequestError: send request failed \
         caused by: Post \"https://api.ecr.{region}.amazonaws.com/\": dial tcp 44.213.79.50:443: \
         i/o timeout"
    ))
}

/// The words are those of terraform-provider-aws#33044 and of the ECS guide, "Troubleshoot Amazon
/// ECS ResourceInitializationError".
fn secrets(site: &Site<'_>, task: &Task, reaches: impl Fn(Host) -> bool) -> Option<Obstacle> {
    let definition = &task_definition::resolve(site, &task.definition)?.definition;
    let secret = secrets_of(definition).into_iter().find(|secret| {
        let store = if is_in_manager(secret) { "secretsmanager" } else { "ssm" };
        let region = secret.split(':').nth(3).unwrap_or(&site.name);
        !reaches(Host::Service(store, region.to_owned()))
    })?;
    let stem = "ResourceInitializationError: unable to pull secrets or registry auth: execution \
                resource retrieval failed: unable to retrieve";
    let tail = "RequestCanceled: request context canceled caused by: context deadline exceeded. \
                Please check your task network configuration.";
    failed(if is_in_manager(secret) {
        format!(
            "{stem} secret from asm: There is a connection issue between the task and AWS Secrets \
             Manager. Check your task network configuration. failed to fetch secret {secret} from \
             secrets manager: {tail}"
        )
    } else {
        format!("{stem} secrets from ssm: service call has been retried 5 time(s): {tail}")
    })
}

fn is_in_manager(secret: &str) -> bool {
    secret.contains(":secretsmanager:")
}

/// Where the secrets of a task definition are: variables, options of log drivers, credentials of
/// registries.
fn secrets_of(definition: &Value) -> Vec<&str> {
    let containers = definition["containerDefinitions"].as_array().into_iter().flatten();
    containers
        .flat_map(|container| {
            let lists = [&container["secrets"], &container["logConfiguration"]["secretOptions"]];
            let listed = lists.into_iter().filter_map(Value::as_array).flatten();
            let listed = listed.filter_map(|secret| secret["valueFrom"].as_str());
            listed.chain(container["repositoryCredentials"]["credentialsParameter"].as_str())
        })
        .collect()
}

/// ECS guide, "Troubleshoot Amazon ECS ResourceInitializationError": the log driver is killed while
/// it waits.
fn logs(task: &Task, reaches: impl Fn(Host) -> bool) -> Option<Obstacle> {
    let mut logs = task.containers.iter().filter_map(|container| container.log.as_ref());
    logs.find(|log| !reaches(Host::Service("logs", log.region.clone())))?;
    failed(
        "ResourceInitializationError: failed to validate logger args: The task cannot find the \
         Amazon CloudWatch log group defined in the task definition. There is a connection issue \
         between the task and Amazon CloudWatch. Check your network configuration. : signal: \
         killed"
            .to_owned(),
    )
}

/// ECS guide, "CannotPullContainer task errors"; ECR guide, "ECR interface VPC endpoints": images of
/// ECR come from `ecr.dkr`, their layers from S3.
fn images(task: &Task, reaches: impl Fn(Host) -> bool) -> Option<Obstacle> {
    task.containers.iter().enumerate().find_map(|(index, container)| {
        let image = &container.image;
        let words = match registry(image) {
            Some(region) => {
                if !reaches(Host::Service("ecr.dkr", region.to_owned())) {
                    manifest(image)
                } else if !reaches(Host::Layers(region.to_owned())) {
                    format!(
                        "ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: \
                         failed open: failed to do request: Get \
                         \"https://prod-{region}-starport-layer-bucket.s3.{region}.amazonaws.com/\
                         \": dial tcp 3.5.167.5:443: i/o timeout"
                    )
                } else {
                    return None;
                }
            }
            None if reaches(Host::Outside) => return None,
            None => manifest(image),
        };
        let reason = format!("CannotPullContainerError: {words}");
        Some(Obstacle { reason, container: Some(index) })
    })
}

/// An image whose registry does not answer.
fn manifest(image: &str) -> String {
    let (host, path) = match image.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) => (host, path.to_owned()),
        // Docker Hub, whose own images are in `library`.
        Some(_) => ("docker.io", image.to_owned()),
        None => ("docker.io", format!("library/{image}")),
    };
    let server = if host == "docker.io" { "registry-1.docker.io" } else { host };
    let (name, reference) = path
        .split_once('@')
        .or_else(|| path.rsplit_once(':'))
        .map_or((path.as_str(), "latest"), |(name, reference)| {
            (name.split(':').next().unwrap_or(name), reference)
        });
    let colon = if reference.contains(':') { '@' } else { ':' };
    format!(
        "pull image manifest has been retried 5 time(s): failed to resolve ref \
         {host}/{name}{colon}{reference}: failed to do request: Head \
         \"https://{server}/v2/{name}/manifests/{reference}\": dial tcp 44.205.64.79:443: i/o \
         timeout"
    )
}

/// The region of a private registry of ECR that an image is in.
fn registry(image: &str) -> Option<&str> {
    let (_, rest) = image.split('/').next()?.split_once(".dkr.ecr.")?;
    rest.split_once(".amazonaws.com").map(|(region, _)| region)
}

#[expect(clippy::unnecessary_wraps, reason = "each look gives an obstacle or none")]
fn failed(reason: String) -> Option<Obstacle> {
    Some(Obstacle { reason, container: None })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::probe::Probe;
    use crate::services::ecs::fixture::{probe, register, role, text};
    use crate::world::{ACCOUNT, Span};

    /// A VPC with DNS names, its main route table, and two subnets.
    struct Net {
        vpc: String,
        table: String,
        subnets: [String; 2],
    }

    fn net(probe: &mut Probe) -> Net {
        let made = probe.ask("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }));
        let vpc = text(&made["vpc"]["vpcId"]);
        let names = json!({ "VpcId": vpc, "EnableDnsHostnames": { "Value": "true" } });
        probe.ask("ec2", "ModifyVpcAttribute", names);
        let filter = json!({ "Filter": [{ "Name": "vpc-id", "Value": [vpc] }] });
        let tables = probe.ask("ec2", "DescribeRouteTables", filter);
        let table = text(&tables["routeTableSet"][0]["routeTableId"]);
        let subnets = ["10.0.0.0/24", "10.0.1.0/24"].map(|block| {
            let input = json!({ "VpcId": vpc, "CidrBlock": block });
            text(&probe.ask("ec2", "CreateSubnet", input)["subnet"]["subnetId"])
        });
        Net { vpc, table, subnets }
    }

    fn gateway(probe: &mut Probe, vpc: &str) -> String {
        let made = probe.ask("ec2", "CreateInternetGateway", json!({}));
        let gateway = text(&made["internetGateway"]["internetGatewayId"]);
        let input = json!({ "InternetGatewayId": gateway, "VpcId": vpc });
        probe.ask("ec2", "AttachInternetGateway", input);
        gateway
    }

    fn default_route(probe: &mut Probe, table: &str, target: &str, id: &str) {
        let mut route = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0" });
        route[target] = id.into();
        probe.ask("ec2", "CreateRoute", route);
    }

    /// A NAT gateway in the first subnet, to which the second one's own route table leads.
    fn behind_nat(probe: &mut Probe, net: &Net, kind: &str) -> String {
        let made = probe.ask("ec2", "CreateRouteTable", json!({ "VpcId": net.vpc }));
        let table = text(&made["routeTable"]["routeTableId"]);
        let input = json!({ "RouteTableId": table, "SubnetId": net.subnets[1] });
        probe.ask("ec2", "AssociateRouteTable", input);
        let mut input = json!({ "SubnetId": net.subnets[0], "ConnectivityType": kind });
        if kind == "public" {
            let address = probe.ask("ec2", "AllocateAddress", json!({ "Domain": "vpc" }));
            input["AllocationId"] = address["allocationId"].clone();
        }
        let made = probe.ask("ec2", "CreateNatGateway", input);
        let nat = text(&made["natGateway"]["natGatewayId"]);
        default_route(probe, &table, "NatGatewayId", &nat);
        nat
    }

    fn endpoint(probe: &mut Probe, net: &Net, service: &str, private: bool) {
        let name = format!("com.amazonaws.us-east-1.{service}");
        let input = if service == "s3" {
            json!({ "VpcId": net.vpc, "ServiceName": name, "RouteTableId": [net.table] })
        } else {
            json!({
                "VpcId": net.vpc, "ServiceName": name, "VpcEndpointType": "Interface",
                "SubnetId": [net.subnets[0]], "PrivateDnsEnabled": private.to_string(),
            })
        };
        probe.ask("ec2", "CreateVpcEndpoint", input);
    }

    fn image(probe: &mut Probe) -> String {
        probe.ask("ecr", "CreateRepository", json!({ "repositoryName": "app" }));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": { "digest": format!("sha256:{}", "0".repeat(64)) },
            "layers": [],
        });
        let manifest = manifest.to_string();
        let input = json!({ "repositoryName": "app", "imageTag": "v1", "imageManifest": manifest });
        probe.ask("ecr", "PutImage", input);
        format!("{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/app:v1")
    }

    fn define(probe: &mut Probe, container: Value) {
        let role = role(probe, "execution");
        let mut app = json!({ "name": "app", "image": "nginx:1" });
        for (key, value) in container.as_object().cloned().unwrap_or_default() {
            app[key] = value;
        }
        probe.pass(Span::minutes(1));
        let changes = json!({ "containerDefinitions": [app], "executionRoleArn": role });
        register(probe, changes);
    }

    fn run(probe: &mut Probe, subnet: &str, public: bool) -> Value {
        let public = if public { "ENABLED" } else { "DISABLED" };
        let network = json!({ "subnets": [subnet], "assignPublicIp": public });
        let input = json!({
            "cluster": "main", "taskDefinition": "web", "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": network },
        });
        probe.ask("ecs", "RunTask", input)["tasks"][0]["taskArn"].clone()
    }

    fn look(probe: &mut Probe, arn: &Value) -> Value {
        let input = json!({ "cluster": "main", "tasks": [arn] });
        probe.ask("ecs", "DescribeTasks", input)["tasks"][0].clone()
    }

    /// Runs a task of what is defined: nothing if it runs, or why it does not.
    fn outcome(probe: &mut Probe, subnet: &str, public: bool) -> Option<String> {
        let arn = run(probe, subnet, public);
        let mut task = look(probe, &arn);
        for _ in 0..60 {
            probe.pass(Span::seconds(10));
            task = look(probe, &arn);
            if task["lastStatus"] == "RUNNING" {
                return None;
            }
        }
        assert_eq!(task["stopCode"], "TaskFailedToStart", "{task}");
        Some(text(&task["stoppedReason"]))
    }

    const NO_REGISTRY: &str = "CannotPullContainerError: pull image manifest has been retried 5 \
                               time(s): failed to resolve ref docker.io/library/nginx:1: failed \
                               to do request: Head \
                               \"https://registry-1.docker.io/v2/library/nginx/manifests/1\": dial \
                               tcp 44.205.64.79:443: i/o timeout";

    #[test]
    fn in_the_default_vpc_a_task_needs_a_public_address() {
        let mut probe = probe(Some(7));
        define(&mut probe, json!({}));
        let subnet = crate::services::ecs::fixture::subnets(&mut probe).remove(0);
        assert_eq!(outcome(&mut probe, &subnet, true), None);
        assert_eq!(outcome(&mut probe, &subnet, false).as_deref(), Some(NO_REGISTRY));
    }

    #[test]
    fn an_internet_gateway_serves_public_addresses_once_there_is_a_route() {
        let mut probe = probe(Some(7));
        define(&mut probe, json!({}));
        let net = net(&mut probe);
        let gateway = gateway(&mut probe, &net.vpc);
        assert_eq!(outcome(&mut probe, &net.subnets[0], true).as_deref(), Some(NO_REGISTRY));
        default_route(&mut probe, &net.table, "GatewayId", &gateway);
        assert_eq!(outcome(&mut probe, &net.subnets[0], true), None);
        assert!(outcome(&mut probe, &net.subnets[0], false).is_some());
    }

    #[test]
    fn a_public_nat_gateway_with_a_way_out_of_its_own_serves_private_addresses() {
        for (kind, way_out, reached) in
            [("public", true, true), ("public", false, false), ("private", true, false)]
        {
            let mut probe = probe(Some(7));
            define(&mut probe, json!({}));
            let net = net(&mut probe);
            let gateway = gateway(&mut probe, &net.vpc);
            let nat = behind_nat(&mut probe, &net, kind);
            if way_out {
                default_route(&mut probe, &net.table, "GatewayId", &gateway);
            }
            let seen = outcome(&mut probe, &net.subnets[1], false);
            assert_eq!(seen.is_none(), reached, "{kind} {way_out}: {seen:?}");
            probe.ask("ec2", "DeleteNatGateway", json!({ "NatGatewayId": nat }));
            probe.pass(Span::minutes(1));
            assert!(outcome(&mut probe, &net.subnets[1], false).is_some(), "{kind}");
        }
    }

    #[test]
    fn images_of_ecr_come_through_three_endpoints() {
        let all = ["ecr.api", "ecr.dkr", "s3"];
        for (missing, words) in [
            (None, None),
            (Some("ecr.api"), Some("Post \"https://api.ecr.us-east-1.amazonaws.com/\": dial tcp")),
            (Some("ecr.dkr"), Some("/v2/app/manifests/v1\": dial tcp")),
            (Some("s3"), Some("starport-layer-bucket.s3.us-east-1.amazonaws.com/\": dial tcp")),
        ] {
            let mut probe = probe(Some(7));
            let image = image(&mut probe);
            define(&mut probe, json!({ "image": image }));
            let net = net(&mut probe);
            for service in all.into_iter().filter(|service| Some(*service) != missing) {
                endpoint(&mut probe, &net, service, true);
            }
            // A gateway endpoint serves the subnets of its route tables alone.
            let seen = outcome(&mut probe, &net.subnets[1], false);
            match words {
                None => assert_eq!(seen, None),
                Some(words) => {
                    let seen = seen.expect("an obstacle");
                    assert!(seen.contains(words) && seen.contains("i/o timeout"), "{seen}");
                }
            }
        }
    }

    #[test]
    fn endpoints_without_private_dns_lead_nowhere() {
        let mut probe = probe(Some(7));
        let image = image(&mut probe);
        define(&mut probe, json!({ "image": image }));
        let net = net(&mut probe);
        for service in ["ecr.api", "ecr.dkr", "s3"] {
            endpoint(&mut probe, &net, service, false);
        }
        assert!(outcome(&mut probe, &net.subnets[0], false).is_some());
    }

    #[test]
    fn logs_and_secrets_have_endpoints_of_their_own() {
        let log = json!({ "logConfiguration": { "logDriver": "awslogs", "options": {
            "awslogs-group": "/app", "awslogs-region": "us-east-1",
            "awslogs-stream-prefix": "app",
        }}});
        let secret = |from: &str| json!({ "secrets": [{ "name": "KEY", "valueFrom": from }] });
        let manager = format!("arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:key-AbCdEf");
        let parameter = format!("arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/key");
        for (container, service, words) in [
            (log, "logs", "connection issue between the task and Amazon CloudWatch"),
            (secret(&manager), "secretsmanager", "unable to retrieve secret from asm"),
            (secret(&parameter), "ssm", "unable to retrieve secrets from ssm"),
            (secret("key"), "ssm", "unable to retrieve secrets from ssm"),
        ] {
            let mut probe = probe(Some(7));
            probe.ask("logs", "CreateLogGroup", json!({ "logGroupName": "/app" }));
            let image = image(&mut probe);
            let mut container = container;
            container["image"] = image.into();
            define(&mut probe, container);
            let net = net(&mut probe);
            for service in ["ecr.api", "ecr.dkr", "s3"] {
                endpoint(&mut probe, &net, service, true);
            }
            let seen = outcome(&mut probe, &net.subnets[0], false).expect("an obstacle");
            assert!(seen.starts_with("ResourceInitializationError") && seen.contains(words));
            endpoint(&mut probe, &net, service, true);
            assert_eq!(outcome(&mut probe, &net.subnets[0], false), None, "{service}");
        }
    }

    #[test]
    fn a_task_gives_up_after_minutes_unless_a_way_opens() {
        let mut probe = probe(Some(7));
        define(&mut probe, json!({}));
        let net = net(&mut probe);
        let gateway = gateway(&mut probe, &net.vpc);
        let arn = run(&mut probe, &net.subnets[0], true);
        probe.pass(Span::minutes(3));
        assert_eq!(look(&mut probe, &arn)["lastStatus"], "PENDING");
        probe.pass(Span::minutes(4));
        assert_eq!(look(&mut probe, &arn)["stoppedReason"], NO_REGISTRY);
        let arn = run(&mut probe, &net.subnets[0], true);
        probe.pass(Span::minutes(2));
        default_route(&mut probe, &net.table, "GatewayId", &gateway);
        probe.pass(Span::minutes(1));
        assert_eq!(look(&mut probe, &arn)["lastStatus"], "RUNNING");
    }
}
