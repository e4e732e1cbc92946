"""The landing area's contract: a spool folder, buckets of moto and of Ceph, with versions and without."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from callwarden.adapters.aws import AwsSettings, s3_client
from callwarden.adapters.landing.areas import LandingAreas
from callwarden.adapters.landing.received import IN_MEMORY_BYTES
from callwarden.adapters.landing.s3 import S3Landing
from callwarden.adapters.landing.s3_upload import PART_BYTES
from callwarden.adapters.landing.spool import SpoolFolder
from callwarden.errors import ConfigurationError, RetryableError
from callwarden.ports import landing as ports
from callwarden.ports.landing import LandingMissingError, LandingOversizedError, LandingRefusedError
from tests.servers.s3 import RunningS3

MAX = 20 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """A landing area and the telephone system's side of it."""

    area: LandingAreas
    prefix: str
    leave: Callable[[str, bytes], None]
    remains: Callable[[str], bool]
    """Whether any byte of a name is left anywhere, versions included."""
    versions: bool = False
    begin_upload: Callable[[str], None] | None = None
    hide: Callable[[str], None] = lambda name: None
    """Delete it as a telephone system does, which with versions only hides it."""


@pytest.fixture(scope="module", params=["spool", "moto", "moto-versions", "ceph", "ceph-versions"])
def landed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Landed:
    if request.param == "spool":
        root = tmp_path_factory.mktemp("spool")
        areas = LandingAreas(areas=("spool:",), spool=SpoolFolder(root), s3=refuse_to_connect)

        def leave_file(name: str, content: bytes) -> None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)

        return Landed(area=areas, prefix="spool:", leave=leave_file, remains=lambda name: os.path.lexists(root / name))
    kind, _, versions = request.param.partition("-")
    server = request.getfixturevalue(f"{kind}_server")
    client = s3_client(
        AwsSettings(
            endpoint_url=server.endpoint_url,
            region=server.region,
            access_key=server.access_key,
            secret_key=server.secret_key,
        )
    )
    bucket = f"landing-{uuid4().hex}"
    client.create_bucket(
        Bucket=bucket,
        CreateBucketConfiguration={"LocationConstraint": server.region},
    )
    if versions:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def leave(name: str, content: bytes) -> None:
        client.put_object(Bucket=bucket, Key=name, Body=content)

    def remains(name: str) -> bool:
        found = client.list_object_versions(Bucket=bucket, Prefix=name)
        entries = [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
        return any(entry["Key"] == name for entry in entries)

    area = LandingAreas(
        areas=(f"s3://{bucket}",), spool=SpoolFolder(Path("/nonexistent")), s3=lambda: S3Landing(client)
    )

    def begin_upload(name: str) -> None:
        upload = client.create_multipart_upload(Bucket=bucket, Key=name)
        client.upload_part(Bucket=bucket, Key=name, UploadId=upload["UploadId"], PartNumber=1, Body=b"half a voice")

    return Landed(
        area=area,
        prefix=f"s3://{bucket}/",
        leave=leave,
        remains=remains,
        versions=bool(versions),
        begin_upload=begin_upload,
        hide=lambda name: client.delete_object(Bucket=bucket, Key=name) and None,
    )


def refuse_to_connect() -> S3Landing:
    raise AssertionError("no client was to be made")


@pytest.fixture
def name() -> str:
    return f"niort/{uuid4().hex}.wav"


@pytest.mark.parametrize("size", [0, 1, 500_000, IN_MEMORY_BYTES + 1])
def test_what_was_left_is_fetched_whole_and_can_be_read_twice(landed: Landed, name: str, size: int) -> None:
    content = os.urandom(size)
    landed.leave(name, content)
    with landed.area.fetch(landed.prefix + name, max_bytes=MAX) as audio:
        assert audio.tell() == 0
        assert audio.read() == content
        audio.seek(size // 2)
        assert audio.read(10) == content[size // 2 : size // 2 + 10]
    assert landed.area.exists(landed.prefix + name), "fetching takes nothing away"


def test_what_is_not_there_is_missing(landed: Landed, name: str) -> None:
    for uri in (landed.prefix + name, f"{landed.prefix}{uuid4().hex}/deep/er.wav"):
        assert not landed.area.exists(uri)
        with pytest.raises(LandingMissingError):
            landed.area.fetch(uri, max_bytes=MAX)
        landed.area.delete(uri)


@pytest.mark.parametrize("size", [1001, IN_MEMORY_BYTES + 5])
def test_what_is_larger_than_allowed_is_refused(landed: Landed, name: str, size: int) -> None:
    landed.leave(name, bytes(size))
    with pytest.raises(LandingOversizedError):
        landed.area.fetch(landed.prefix + name, max_bytes=size - 1)
    with landed.area.fetch(landed.prefix + name, max_bytes=size) as audio:
        assert len(audio.read()) == size


def test_deleting_leaves_no_version_and_may_be_repeated(landed: Landed, name: str) -> None:
    landed.leave(name, b"first voice")
    landed.leave(name, b"second voice")
    landed.leave(f"{name}.json", b"a neighbour")
    for _ in range(2):
        landed.area.delete(landed.prefix + name)
        assert not landed.remains(name)
        assert not landed.area.exists(landed.prefix + name)
    assert landed.area.exists(f"{landed.prefix}{name}.json")


def test_what_was_fetched_is_deleted_with_every_version_of_it(landed: Landed, name: str) -> None:
    for content in (b"first voice", b"second voice"):
        landed.leave(name, content)
        landed.area.fetch(landed.prefix + name, max_bytes=MAX).close()
    landed.area.delete(landed.prefix + name)
    assert not landed.remains(name)
    landed.leave(name, b"third voice")
    landed.leave(name, b"fourth voice")
    landed.area.delete(landed.prefix + name)
    assert not landed.remains(name)


@pytest.mark.parametrize(
    "name", ["2026-11-20/Poste d'été 12/appel (1) +33.wav", '20 11/ *98 #7 100% [qui ?] <a|b>"c".wav', "c%20d.wav"]
)
def test_a_name_of_a_real_telephone_system_is_taken_as_it_is(landed: Landed, name: str) -> None:
    encoded = name if landed.prefix == "spool:" else quote(name)
    landed.leave(name, b"voice")
    with landed.area.fetch(landed.prefix + encoded, max_bytes=MAX) as audio:
        assert audio.read() == b"voice"
    landed.area.delete(landed.prefix + encoded)
    assert not landed.remains(name)


def _lying(landed: Landed, *names: str) -> dict[str, list[ports.Landed]]:
    """What lies under these names, each with everything that does."""
    found: dict[str, list[ports.Landed]] = {name: [] for name in names}
    for one in landed.area.lying(landed.prefix):
        if (name := one.place.name) in found:
            found[name].append(one)
    return found


def test_whatever_was_left_is_seen_with_its_size_and_since_when_it_lies(landed: Landed, name: str) -> None:
    began = datetime.now(UTC) - timedelta(seconds=5)
    landed.leave(name, b"voice")
    [one] = _lying(landed, name)[name]
    assert one.size == len(b"voice")
    assert began <= one.left_at <= datetime.now(UTC) + timedelta(seconds=5)


def test_a_name_no_event_could_give_is_seen_and_removed_too(landed: Landed) -> None:
    """A killed publish and a telephone system's own temporary names lie there like any other."""
    names = [f".{uuid4().hex}.partial", f"day/{uuid4().hex} %3F#*.wav"]
    for name in names:
        landed.leave(name, b"half a voice")
    for name, lying in _lying(landed, *names).items():
        [one] = lying
        assert landed.area.remove(one)
        assert not landed.remains(name)
        landed.area.remove(one)  # again: what is gone is gone


def test_what_has_come_under_the_same_name_since_is_left(landed: Landed, name: str) -> None:
    landed.leave(name, b"an old voice")
    [old] = _lying(landed, name)[name]
    time.sleep(2.1)  # a bucket's dates count whole seconds in places
    landed.leave(name, b"a new voice")
    landed.area.remove(old)
    with landed.area.fetch(landed.prefix + name, max_bytes=MAX) as audio:
        assert audio.read() == b"a new voice"


def test_every_version_marker_and_unfinished_upload_of_a_bucket_is_seen_and_removed(landed: Landed, name: str) -> None:
    if landed.begin_upload is None:
        pytest.skip("a folder has none")
    landed.leave(name, b"first voice")
    landed.leave(name, b"second voice")
    landed.begin_upload(name)
    landed.hide(name)
    lying = _lying(landed, name)[name]
    assert sum(1 for one in lying if one.upload_id is not None) == 1
    assert sum(1 for one in lying if one.version_id is not None) == (3 if landed.versions else 0)
    for one in lying:
        landed.area.remove(one)
    assert _lying(landed, name)[name] == []
    assert not landed.remains(name)


def test_a_link_in_a_spool_folder_is_removed_and_what_it_leads_to_is_not(tmp_path: Path) -> None:
    spool, elsewhere = tmp_path / "spool", tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "kept.wav").write_bytes(b"not ours")
    spool.mkdir()
    (spool / "link.wav").symlink_to(elsewhere / "deep" / "kept.wav")
    (spool / "folder").symlink_to(elsewhere)
    area = LandingAreas(areas=("spool:",), spool=SpoolFolder(spool), s3=refuse_to_connect)
    [seen] = area.lying("spool:")
    assert seen.place.name == "link.wav"
    assert area.remove(seen)
    assert (elsewhere / "deep" / "kept.wav").read_bytes() == b"not ours"


def test_a_bucket_is_looked_into_unasked_only_where_s3_is_set_up(tmp_path: Path) -> None:
    areas = ("spool:", "s3://landing", "s3://landing/niort/")
    without = LandingAreas(areas=areas, spool=SpoolFolder(tmp_path), s3=refuse_to_connect)
    assert without.areas() == ("spool:",)
    with_s3 = LandingAreas(areas=areas, spool=SpoolFolder(tmp_path), s3=refuse_to_connect, has_s3=True)
    assert set(with_s3.areas()) == {"spool:", "s3://landing"}, "an area within another is met with it"


@pytest.mark.parametrize(
    "uri",
    [
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "s3://another-bucket/a.wav",
        "s3://landing@127.0.0.1/a.wav",
        "spool:../a.wav",
        "spool:/etc/passwd",
        "spool:a/../../b",
        "",
    ],
)
@pytest.mark.parametrize("question", ["fetch", "delete", "exists"])
def test_an_address_outside_the_areas_contacts_nothing(uri: str, question: str, tmp_path: Path) -> None:
    area = LandingAreas(
        areas=("spool:niort/", "s3://landing"), spool=SpoolFolder(tmp_path / "nowhere"), s3=refuse_to_connect
    )
    ask: dict[str, Callable[[], object]] = {
        "fetch": lambda: area.fetch(uri, max_bytes=MAX),
        "delete": lambda: area.delete(uri),
        "exists": lambda: area.exists(uri),
    }
    with pytest.raises(LandingRefusedError):
        ask[question]()


def test_an_area_that_is_there_is_checked_and_another_is_none_of_the_policys(landed: Landed) -> None:
    area = landed.prefix.removesuffix("/")
    landed.area.check(area)
    with pytest.raises(LandingRefusedError):
        landed.area.check(f"{area}-other")


@pytest.mark.parametrize("kind", ["spool", "s3"])
def test_an_area_that_is_not_there_is_wrong_set_up_when_it_is_checked(
    kind: str, tmp_path: Path, moto_server: RunningS3
) -> None:
    client = s3_client(
        AwsSettings(
            endpoint_url=moto_server.endpoint_url,
            region=moto_server.region,
            access_key=moto_server.access_key,
            secret_key=moto_server.secret_key,
        )
    )
    areas = ("spool:niort/", "s3://nobody-made-it/niort")
    area = LandingAreas(areas=areas, spool=SpoolFolder(tmp_path), s3=lambda: S3Landing(client))
    with pytest.raises(ConfigurationError, match="is no folder" if kind == "spool" else "the bucket does not exist"):
        area.check(areas[0] if kind == "spool" else areas[1])


def test_an_area_set_up_wrongly_is_waited_for_like_one_out_of_reach(moto_server: RunningS3) -> None:
    """No credentials or no such bucket concerns the calls that lie there; the others go on (I1)."""
    client = s3_client(
        AwsSettings(
            endpoint_url=moto_server.endpoint_url,
            region=moto_server.region,
            access_key=moto_server.access_key,
            secret_key=moto_server.secret_key,
        )
    )
    area = LandingAreas(
        areas=("s3://nobody-made-it",), spool=SpoolFolder(Path("/nowhere")), s3=lambda: S3Landing(client)
    )
    with pytest.raises(RetryableError, match=r"the bucket does not exist; the calls that lie there wait"):
        area.fetch("s3://nobody-made-it/a.wav", max_bytes=MAX)


@pytest.mark.parametrize("kind", ["spool", "s3"])
def test_an_outage_never_looks_like_absence(kind: str, tmp_path: Path) -> None:
    nowhere = AwsSettings(endpoint_url="http://127.0.0.1:9", region="eu-west-3", access_key="none", secret_key="none")
    area = LandingAreas(
        areas=("spool:", "s3://landing"),
        spool=SpoolFolder(tmp_path / "unmounted"),
        s3=lambda: S3Landing(s3_client(nowhere)),
    )
    uri = "spool:a.wav" if kind == "spool" else "s3://landing/a.wav"
    with pytest.raises(RetryableError):
        area.fetch(uri, max_bytes=MAX)
    with pytest.raises(RetryableError):
        area.exists(uri)
    with pytest.raises(RetryableError):
        area.delete(uri)


def lying(landed: Landed) -> list[str]:
    return [one.place.name for area in landed.area.areas() for one in landed.area.lying(area)]


@pytest.mark.parametrize("size", [0, 700_000, 2 * PART_BYTES, 2 * PART_BYTES + 1])
def test_an_upload_is_seen_by_nobody_before_it_is_whole(landed: Landed, size: int) -> None:
    content, name = os.urandom(size), f"pushed/{uuid4().hex}.wav"
    upload = landed.area.begin(landed.prefix.removesuffix("/"), name)
    for start in range(0, size, 1 << 20):
        upload.write(content[start : start + (1 << 20)])
    assert not landed.remains(name)
    uri = upload.finish()
    upload.abandon()
    assert uri == landed.prefix + name
    with landed.area.fetch(uri, max_bytes=MAX) as audio:
        assert audio.read() == content
    landed.area.delete(uri)


def test_an_upload_that_is_abandoned_leaves_nothing(landed: Landed) -> None:
    name = f"pushed/{uuid4().hex}.wav"
    upload = landed.area.begin(landed.prefix.removesuffix("/"), name)
    upload.write(bytes(PART_BYTES + 1))
    for _ in range(2):
        upload.abandon()
    assert name not in lying(landed)


def test_an_upload_whose_process_was_killed_is_no_audio_and_can_be_removed(landed: Landed) -> None:
    name = f"pushed/{uuid4().hex}.wav"
    upload = landed.area.begin(landed.prefix.removesuffix("/"), name)
    upload.write(bytes(PART_BYTES + 1))  # and no more is heard of it
    assert not landed.area.exists(landed.prefix + name)
    left = [one for area in landed.area.areas() for one in landed.area.lying(area) if one.place.name == name]
    assert len(left) == (landed.begin_upload is not None), "in a folder it has no name, and goes with its process"
    assert all(landed.area.remove(one) for one in left)


def test_an_upload_outside_the_areas_is_refused(landed: Landed) -> None:
    with pytest.raises(LandingRefusedError):
        landed.area.begin("s3://somebody-elses", "pushed/a.wav")
    with pytest.raises(LandingRefusedError):
        landed.area.begin(landed.prefix.removesuffix("/"), "../a.wav")
