#!/usr/bin/env python3
"""Hand a recorded call over by Kafka: the audio into the landing area first, then the event. Needs kafka-python, and
boto3 for a bucket.

    kafka_producer.py EVENT.json AUDIO --bootstrap kafka-1:9092 --landing s3://landing/niort
    kafka_producer.py EVENT.json AUDIO --bootstrap kafka-1:9092 --landing /srv/callwarden/landing
"""

import argparse
import hashlib
import json
import os
import shutil
from pathlib import Path
from urllib.parse import quote, urlsplit

from kafka import KafkaProducer

TOPIC = "telephony.calls"


def main() -> None:
    """Durable on every in-sync replica when it returns."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("event", type=Path)
    parser.add_argument("audio", type=Path)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--landing", required=True, help="s3://bucket/folder, or callwarden's watched folder")
    parser.add_argument("--endpoint", help="of the object store, where it is not Amazon's")
    options = parser.parse_args()
    event = json.loads(options.event.read_bytes())
    with options.audio.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    # By its digest: each file has a name of its own, the same however often it is sent.
    name = f"{sha256}{options.audio.suffix}"
    in_bucket = options.landing.startswith("s3://")
    uri = put(options, name) if in_bucket else copied(options, name)
    event["data"]["audio"] = {"uri": uri, "sha256": sha256, "bytes": options.audio.stat().st_size}
    producer = KafkaProducer(bootstrap_servers=options.bootstrap, acks="all", enable_idempotence=True)
    producer.send(TOPIC, key=event["data"]["call_id"].encode(), value=json.dumps(event).encode()).get(timeout=60)
    producer.close()


def put(options: argparse.Namespace, name: str) -> str:
    """Its address in a bucket."""
    import boto3

    place = urlsplit(options.landing)
    key = f"{place.path.strip('/')}/{name}".lstrip("/")
    boto3.client("s3", endpoint_url=options.endpoint).upload_file(str(options.audio), place.netloc, key)
    return f"s3://{place.netloc}/{quote(key)}"


def copied(options: argparse.Namespace, name: str) -> str:
    """Its address in a watched folder: under another name until it is whole."""
    half = Path(options.landing) / f".{name}.half"
    shutil.copyfile(options.audio, half)
    with half.open("rb") as file:
        os.fsync(file.fileno())
    half.rename(half.with_name(name))
    return f"spool:{name}"


if __name__ == "__main__":
    main()
