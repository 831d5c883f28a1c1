import datetime

# Two certificates of imported.example.com and *.imported.example.com, valid from 2024 to 2064, and
# their keys. They are known to everybody, and good for nothing else.
CERTIFICATE = b"""-----BEGIN CERTIFICATE-----
MIIBbjCCARSgAwIBAgIFGis8TV4wCgYIKoZIzj0EAwIwHzEdMBsGA1UEAwwUaW1w
b3J0ZWQuZXhhbXBsZS5jb20wIBcNMjQwMTAxMDAwMDAwWhgPMjA2NDAxMDEwMDAw
MDBaMB8xHTAbBgNVBAMMFGltcG9ydGVkLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAETWBE7qDRraXyN8QdWvFuDkq0VTtjXBNAulDFKvo50XVa
NlbPo35S4KhACYpvboabIE03g68WfLmLYCoFCNinkKM7MDkwNwYDVR0RBDAwLoIU
aW1wb3J0ZWQuZXhhbXBsZS5jb22CFiouaW1wb3J0ZWQuZXhhbXBsZS5jb20wCgYI
KoZIzj0EAwIDSAAwRQIhALrrKGoOKTykBB0/h1bTrkiouNUzd9APLNqLYZjTCTmA
AiBN7SbxyegAyxM31L3TWab7EpOMXF0DXo5ims0v+1U0Qg==
-----END CERTIFICATE-----
"""
KEY = b"""-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrwof2uBGmFBbQ2mI
YB6spx6CyWparMqbVYMHR4DHSNuhRANCAARNYETuoNGtpfI3xB1a8W4OSrRVO2Nc
E0C6UMUq+jnRdVo2Vs+jflLgqEAJim9uhpsgTTeDrxZ8uYtgKgUI2KeQ
-----END PRIVATE KEY-----
"""
OTHER_CERTIFICATE = b"""-----BEGIN CERTIFICATE-----
MIIBbjCCARSgAwIBAgIFGis8TV4wCgYIKoZIzj0EAwIwHzEdMBsGA1UEAwwUaW1w
b3J0ZWQuZXhhbXBsZS5jb20wIBcNMjQwMTAxMDAwMDAwWhgPMjA2NDAxMDEwMDAw
MDBaMB8xHTAbBgNVBAMMFGltcG9ydGVkLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAEKx98zxyyVONUi8e4ToJiRThFZNjiGEsXVpH2OzkRI7cs
8lPY1nPxqdR/uTMZSd3QEToTuXEhOeLkaOR86DXmJaM7MDkwNwYDVR0RBDAwLoIU
aW1wb3J0ZWQuZXhhbXBsZS5jb22CFiouaW1wb3J0ZWQuZXhhbXBsZS5jb20wCgYI
KoZIzj0EAwIDSAAwRQIgRi9rJNdvIA/uQ6i8XFZm+25+bnMHt2tublJbc7Wn0tgC
IQDoB/OTijrbZX6y6VZb4JW0SRpT/SLYwg6KXSuHfCg5qQ==
-----END CERTIFICATE-----
"""
OTHER_KEY = b"""-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglG6dUAkphobb7K2q
qAeUY7do72OaSoZD+Hypn3UbqxehRANCAAQrH3zPHLJU41SLx7hOgmJFOEVk2OIY
SxdWkfY7OREjtyzyU9jWc/Gp1H+5MxlJ3dAROhO5cSE54uRo5HzoNeYl
-----END PRIVATE KEY-----
"""


def acm():
    return client("acm")


def account():
    return client("sts").get_caller_identity()["Account"]


def requested(domain, **options):
    return acm().request_certificate(DomainName=domain, **{"ValidationMethod": "DNS", **options})[
        "CertificateArn"]


def imported(**options):
    return acm().import_certificate(Certificate=CERTIFICATE, PrivateKey=KEY, **options)[
        "CertificateArn"]


def described(arn):
    return acm().describe_certificate(CertificateArn=arn)["Certificate"]


def unknown():
    region = acm().meta.region_name
    return f"arn:aws:acm:{region}:{account()}:certificate/00000000-0000-0000-0000-000000000000"


@check
def a_requested_certificate_waits_for_its_validation():
    arn = requested("waits.example.com", SubjectAlternativeNames=["*.waits.example.com"])
    assert arn.startswith(f"arn:aws:acm:{acm().meta.region_name}:{account()}:certificate/"), arn
    found = described(arn)
    assert found["CertificateArn"] == arn and found["DomainName"] == "waits.example.com", found
    names = ["waits.example.com", "*.waits.example.com"]
    assert sorted(found["SubjectAlternativeNames"]) == sorted(names), found
    assert found["Status"] == "PENDING_VALIDATION" and found["Type"] == "AMAZON_ISSUED", found
    assert found["InUseBy"] == [] and found["RenewalEligibility"] == "INELIGIBLE", found
    assert isinstance(found["CreatedAt"], datetime.datetime), found
    assert "IssuedAt" not in found and "NotAfter" not in found, found
    options = found["Options"]
    assert options["CertificateTransparencyLoggingPreference"] == "ENABLED", found


@check
def the_name_itself_is_among_the_alternative_names():
    assert described(requested("alone.example.com"))["SubjectAlternativeNames"] == [
        "alone.example.com"]


@check
def validation_by_dns_tells_a_record_for_each_name():
    # ACM guide, "DNS validation": a name and its wildcard have the same record.
    arn = requested("dns.example.com",
                    SubjectAlternativeNames=["*.dns.example.com", "www.dns.example.com"])

    def records():
        options = described(arn)["DomainValidationOptions"]
        return options if all("ResourceRecord" in option for option in options) else None

    options = {one["DomainName"]: one for one in eventually(records)}
    assert set(options) == {"dns.example.com", "*.dns.example.com", "www.dns.example.com"}, options
    for option in options.values():
        assert option["ValidationMethod"] == "DNS", option
        assert option["ValidationStatus"] == "PENDING_VALIDATION", option
        record = option["ResourceRecord"]
        assert record["Type"] == "CNAME" and record["Name"].startswith("_"), record
        assert record["Name"].endswith(".dns.example.com."), record
        assert record["Value"].endswith(".acm-validations.aws."), record
    same = options["*.dns.example.com"]["ResourceRecord"]
    assert options["dns.example.com"]["ResourceRecord"] == same, options
    assert options["www.dns.example.com"]["ResourceRecord"] != same, options


@check
def validation_by_mail_tells_addresses():
    found = described(requested("mail.example.com", ValidationMethod="EMAIL"))
    option = found["DomainValidationOptions"][0]
    assert option["ValidationMethod"] == "EMAIL" and "ResourceRecord" not in option, found


@check
def the_same_token_gives_the_same_certificate():
    first = requested("token.example.com", IdempotencyToken="same")
    assert requested("token.example.com", IdempotencyToken="same") == first
    assert requested("token.example.com", IdempotencyToken="other") != first
    assert requested("token.example.com") != first


@check
def names_must_be_domains():
    for name in ["no_domain", "two..dots.example.com", "-dash.example.com", "a.*.example.com"]:
        refused("ValidationException", acm().request_certificate, DomainName=name,
                ValidationMethod="DNS")


@check
def an_unknown_certificate_is_refused():
    for call in [acm().describe_certificate, acm().get_certificate, acm().delete_certificate,
                 acm().list_tags_for_certificate]:
        refused("ResourceNotFoundException", call, CertificateArn=unknown())


@check
def what_is_no_arn_of_a_certificate_is_refused():
    refused("ValidationException", acm().describe_certificate,
            CertificateArn="this-is-no-arn-of-a-certificate")


@check
def a_certificate_that_is_not_issued_cannot_be_got():
    refused("RequestInProgressException", acm().get_certificate,
            CertificateArn=requested("not-issued.example.com"))


@check
def a_deleted_certificate_is_gone():
    arn = requested("deleted.example.com")
    acm().delete_certificate(CertificateArn=arn)
    refused("ResourceNotFoundException", acm().describe_certificate, CertificateArn=arn)
    refused("ResourceNotFoundException", acm().delete_certificate, CertificateArn=arn)


@check
def tags_come_with_a_request_and_are_changed():
    arn = requested("tags.example.com", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])

    def listed():
        return tags(acm().list_tags_for_certificate(CertificateArn=arn)["Tags"])

    assert listed().get("a") == "1" and "b" in listed(), listed()
    acm().add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "a", "Value": "2"},
                                                            {"Key": "c", "Value": "3"}])
    # ACM API, RemoveTagsFromCertificate: with a value, only if the tag has that value.
    acm().remove_tags_from_certificate(CertificateArn=arn, Tags=[
        {"Key": "b"}, {"Key": "c", "Value": "another"}])
    assert listed() == {"a": "2", "c": "3"}, listed()


@check
def a_certificate_has_at_most_50_tags():
    fifty = [{"Key": f"key-{place}", "Value": "x"} for place in range(50)]
    arn = requested("fifty.example.com", Tags=fifty)
    refused("TooManyTagsException", acm().add_tags_to_certificate, CertificateArn=arn,
            Tags=[{"Key": "one-more", "Value": "x"}])


@check
def an_imported_certificate_is_issued_at_once():
    found = described(imported(Tags=[{"Key": "a", "Value": "b"}]))
    assert found["Status"] == "ISSUED" and found["Type"] == "IMPORTED", found
    assert found["DomainName"] == "imported.example.com", found
    names = ["imported.example.com", "*.imported.example.com"]
    assert sorted(found["SubjectAlternativeNames"]) == sorted(names), found
    assert found["NotBefore"].year == 2024 and found["NotAfter"].year == 2064, found
    assert isinstance(found["ImportedAt"], datetime.datetime), found
    assert found["Serial"] and found["InUseBy"] == [], found
    assert "DomainValidationOptions" not in found, found
    listed = acm().list_tags_for_certificate(CertificateArn=found["CertificateArn"])["Tags"]
    assert tags(listed) == {"a": "b"}, listed
    got = acm().get_certificate(CertificateArn=found["CertificateArn"])
    assert got["Certificate"].strip() == CERTIFICATE.decode().strip(), got


@check
def an_imported_certificate_is_replaced_under_its_arn():
    arn = imported()
    again = acm().import_certificate(CertificateArn=arn, Certificate=OTHER_CERTIFICATE,
                                     PrivateKey=OTHER_KEY)
    assert again["CertificateArn"] == arn, again
    got = acm().get_certificate(CertificateArn=arn)["Certificate"]
    assert got.strip() == OTHER_CERTIFICATE.decode().strip(), got
    refused("ResourceNotFoundException", acm().import_certificate, CertificateArn=unknown(),
            Certificate=CERTIFICATE, PrivateKey=KEY)


@check
def what_is_imported_must_be_a_certificate_with_its_key():
    for certificate, key in [(b"no certificate", KEY), (CERTIFICATE, b"no key"),
                             (CERTIFICATE, OTHER_KEY)]:
        refused("ValidationException", acm().import_certificate, Certificate=certificate,
                PrivateKey=key)


@check
def certificates_are_listed_by_status():
    waiting = requested("listed.example.com")
    # The certificates of the checks have keys of a kind that is listed only where it is asked for
    # (ACM API, Filters: keyTypes).
    issued = imported()

    def listed(statuses, **includes):
        pages = acm().get_paginator("list_certificates").paginate(
            CertificateStatuses=statuses, **({"Includes": includes} if includes else {}))
        return {one["CertificateArn"]: one for page in pages
                for one in page["CertificateSummaryList"]}

    pending = listed(["PENDING_VALIDATION"])
    assert pending[waiting]["DomainName"] == "listed.example.com", pending
    assert issued not in pending, pending
    found = listed(["ISSUED"], keyTypes=["EC_prime256v1"])
    assert issued in found and waiting not in found, found
    assert issued not in listed(["ISSUED"]), "it has no RSA key"


@check
def certificates_come_in_pages():
    for place in range(3):
        requested(f"page-{place}.example.com")
    first = acm().list_certificates(MaxItems=2)
    assert len(first["CertificateSummaryList"]) == 2 and first["NextToken"], first
    second = acm().list_certificates(MaxItems=2, NextToken=first["NextToken"])
    both = [one["CertificateArn"]
            for one in first["CertificateSummaryList"] + second["CertificateSummaryList"]]
    assert len(set(both)) == len(both) >= 3, both


@check
def options_of_a_requested_certificate_are_changed():
    arn = requested("options.example.com",
                    Options={"CertificateTransparencyLoggingPreference": "DISABLED"})
    found = described(arn)["Options"]
    assert found["CertificateTransparencyLoggingPreference"] == "DISABLED", found


@check
def a_listener_has_a_certificate_that_is_in_use_then():
    arn = imported()
    ec2, elb = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
    zones = ec2.describe_availability_zones()["AvailabilityZones"][:2]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.78.{place}.0/24",
                          AvailabilityZone=zone["ZoneName"])["Subnet"]["SubnetId"]
        for place, zone in enumerate(zones)]
    balancer = elb.create_load_balancer(Name="with-certificate", Scheme="internal",
                                        Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    listener = elb.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTPS", Port=443, DefaultActions=answer,
        Certificates=[{"CertificateArn": arn}])["Listeners"][0]["ListenerArn"]
    eventually(lambda: described(arn)["InUseBy"] == [balancer])
    refused("ResourceInUseException", acm().delete_certificate, CertificateArn=arn)
    elb.delete_listener(ListenerArn=listener)
    eventually(lambda: described(arn)["InUseBy"] == [])
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    acm().delete_certificate(CertificateArn=arn)
