"""Real servers for the tests: each module starts one kind on 127.0.0.1, and leaves nothing behind.

| tier     | what runs                                             | comes from                         |
|----------|-------------------------------------------------------|------------------------------------|
| kafka    | Apache Kafka, one KRaft node                          | Maven, by `install/install.sh`     |
| tansu    | a small broker that speaks Kafka's protocol           | the development dependencies       |
| ceph     | Ceph's S3 gateway over a one-node cluster in memory   | Debian, by `install/install.sh`    |
| moto     | an imitation of S3 and KMS                            | the development dependencies       |
| postgres | PostgreSQL                                            | Debian, by `install/install.sh`    |
| chromium | a browser for the portal's tests                      | Debian, by `install/install.sh`    |

`tiers.py` says which of them this machine has; `fixtures.py` hands them to the tests;
`python -m tests.servers up` runs them in the foreground.
"""
