CREATE TABLE outcome (
  seq INTEGER NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  "offset" BIGINT NOT NULL,
  event_id TEXT,
  type TEXT NOT NULL,
  call_id TEXT,
  leg TEXT,
  segment BIGINT,
  line TEXT,
  outcome TEXT NOT NULL,
  reason TEXT,
  field TEXT NOT NULL,
  recording_id TEXT,
  policy_version TEXT NOT NULL,
  decided_at BIGINT NOT NULL,
  notes TEXT,
  seal BLOB,
  CONSTRAINT pk_outcome PRIMARY KEY (seq),
  CONSTRAINT uq_outcome_topic UNIQUE (topic, partition, "offset"),
  CONSTRAINT ck_outcome_outcome CHECK (outcome IN ('stored', 'refused', 'duplicate', 'quarantined', 'dead-lettered', 'applied'))
);

CREATE INDEX ix_outcome_event_id ON outcome (event_id) WHERE outcome <> 'duplicate';

CREATE INDEX ix_outcome_recording_id ON outcome (recording_id);

CREATE INDEX ix_outcome_call_id ON outcome (call_id);

CREATE TABLE waiting (
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  "offset" BIGINT NOT NULL,
  event_id TEXT NOT NULL,
  recording_id TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  wrapped_key BLOB NOT NULL,
  master_key_id TEXT DEFAULT '' NOT NULL,
  sealed BLOB NOT NULL,
  place TEXT DEFAULT '' NOT NULL,
  why TEXT DEFAULT '' NOT NULL,
  since BIGINT,
  CONSTRAINT pk_waiting PRIMARY KEY (topic, partition, "offset")
);

CREATE INDEX ix_waiting_recording_id ON waiting (recording_id);

CREATE INDEX ix_waiting_due_at ON waiting (due_at);

CREATE TABLE recording (
  recording_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  leg TEXT NOT NULL,
  segment BIGINT NOT NULL,
  line TEXT NOT NULL,
  state TEXT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT,
  keep_until BIGINT,
  caller TEXT,
  customer TEXT,
  agent_id TEXT,
  objected TEXT NOT NULL,
  restricted BOOLEAN NOT NULL,
  quarantine_reason TEXT,
  policy_version TEXT NOT NULL,
  source_sha256 TEXT,
  disposed_at BIGINT,
  not_before BIGINT,
  sealed_event BLOB,
  untranscribed TEXT,
  attempts BIGINT DEFAULT 0 NOT NULL,
  held BOOLEAN DEFAULT false NOT NULL,
  due_from BIGINT GENERATED ALWAYS AS (CASE WHEN not_before > keep_until THEN not_before ELSE keep_until END) STORED,
  seal BLOB,
  CONSTRAINT pk_recording PRIMARY KEY (recording_id),
  CONSTRAINT ck_recording_state CHECK (state IN ('pending', 'stored', 'quarantined', 'dropping', 'dropped', 'disposing', 'disposed', 'refused'))
);

CREATE INDEX ix_recording_agent_id ON recording (agent_id);

CREATE INDEX ix_recording_unfinished ON recording (recording_id) WHERE state IN ('disposing', 'dropping');

CREATE INDEX ix_recording_customer ON recording (customer);

CREATE INDEX ix_recording_due ON recording (due_from) WHERE state IN ('stored', 'quarantined') AND NOT restricted AND NOT held;

CREATE INDEX ix_recording_ended_at ON recording (ended_at);

CREATE INDEX ix_recording_call_id ON recording (call_id);

CREATE INDEX ix_recording_caller ON recording (caller);

CREATE TABLE known_key (
  kind TEXT NOT NULL,
  key_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  first_used_at BIGINT NOT NULL,
  rewrapped_at BIGINT,
  retired_at BIGINT,
  destroyed_at BIGINT,
  CONSTRAINT pk_known_key PRIMARY KEY (kind, key_id),
  CONSTRAINT ck_known_key_kind CHECK (kind IN ('master', 'pseudonym'))
);

CREATE TABLE objection (
  objection_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  reference TEXT NOT NULL,
  purposes TEXT NOT NULL,
  channel TEXT NOT NULL,
  objected_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  withdrawn_at BIGINT,
  seal BLOB,
  CONSTRAINT pk_objection PRIMARY KEY (objection_id),
  CONSTRAINT ck_objection_scope CHECK (scope IN ('call', 'number', 'customer'))
);

CREATE INDEX ix_objection_reference ON objection (reference, scope);

CREATE TABLE litigation_case (
  case_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  opened_by TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  release_requested_by TEXT,
  released_by TEXT,
  released_at BIGINT,
  seal BLOB,
  CONSTRAINT pk_litigation_case PRIMARY KEY (case_id),
  CONSTRAINT ck_litigation_case_state CHECK (state IN ('open', 'released'))
);

CREATE TABLE certificate (
  digest TEXT NOT NULL,
  recording_id TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  document BLOB NOT NULL,
  CONSTRAINT pk_certificate PRIMARY KEY (digest)
);

CREATE INDEX ix_certificate_recording_id ON certificate (recording_id);

CREATE TABLE landmark (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  CONSTRAINT pk_landmark PRIMARY KEY (name)
);

CREATE TABLE log_staged (
  entry_id TEXT NOT NULL,
  bytes BLOB NOT NULL,
  CONSTRAINT pk_log_staged PRIMARY KEY (entry_id)
);

CREATE TABLE outbox (
  outbox_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  written_at BIGINT NOT NULL,
  topic TEXT NOT NULL,
  "key" TEXT NOT NULL,
  value BLOB NOT NULL,
  headers TEXT NOT NULL
);

CREATE TABLE dead_letter (
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  "offset" BIGINT NOT NULL,
  reason TEXT NOT NULL,
  field TEXT NOT NULL,
  event_id TEXT,
  call_id TEXT,
  at BIGINT NOT NULL,
  keep_until BIGINT NOT NULL,
  size BIGINT NOT NULL,
  is_cut BOOLEAN NOT NULL,
  wrapped_key BLOB,
  master_key_id TEXT DEFAULT '' NOT NULL,
  sealed BLOB,
  retried_at BIGINT,
  discarded_at BIGINT,
  CONSTRAINT pk_dead_letter PRIMARY KEY (topic, partition, "offset")
);

CREATE INDEX ix_dead_letter_keep_until ON dead_letter (keep_until);

CREATE TABLE act_reason (
  act_id TEXT NOT NULL,
  act TEXT NOT NULL,
  subject TEXT NOT NULL,
  at BIGINT NOT NULL,
  keep_until BIGINT NOT NULL,
  wrapped_key BLOB NOT NULL,
  master_key_id TEXT DEFAULT '' NOT NULL,
  sealed BLOB NOT NULL,
  CONSTRAINT pk_act_reason PRIMARY KEY (act_id)
);

CREATE INDEX ix_act_reason_subject ON act_reason (subject);

CREATE TABLE token (
  token_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT NOT NULL,
  lines TEXT,
  agents TEXT,
  agent_id TEXT,
  issued_by TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  once BOOLEAN DEFAULT false NOT NULL,
  spent_at BIGINT,
  seal BLOB,
  CONSTRAINT pk_token PRIMARY KEY (token_id)
);

CREATE TABLE artefact (
  recording_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  generation INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  version_id TEXT NOT NULL,
  size BIGINT NOT NULL,
  stored_size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  media_type TEXT NOT NULL,
  stored_at BIGINT NOT NULL,
  seal BLOB,
  CONSTRAINT pk_artefact PRIMARY KEY (recording_id, kind, generation),
  CONSTRAINT ck_artefact_kind CHECK (kind IN ('original-audio', 'original-transcript', 'beeped-audio', 'redacted-transcript', 'waveform')),
  CONSTRAINT fk_artefact_recording_id FOREIGN KEY(recording_id) REFERENCES recording (recording_id)
);

CREATE INDEX ix_artefact_key ON artefact ("key");

CREATE TABLE data_key (
  recording_id TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  master_key_id TEXT NOT NULL,
  seal BLOB,
  CONSTRAINT pk_data_key PRIMARY KEY (recording_id),
  CONSTRAINT fk_data_key_recording_id FOREIGN KEY(recording_id) REFERENCES recording (recording_id)
);

CREATE TABLE redaction (
  recording_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  version TEXT NOT NULL,
  status TEXT NOT NULL,
  reasons TEXT NOT NULL,
  decided_at BIGINT NOT NULL,
  missed TEXT DEFAULT '[]' NOT NULL,
  seal BLOB,
  CONSTRAINT pk_redaction PRIMARY KEY (recording_id),
  CONSTRAINT ck_redaction_status CHECK (status IN ('released', 'withheld', 'withdrawn')),
  CONSTRAINT fk_redaction_recording_id FOREIGN KEY(recording_id) REFERENCES recording (recording_id)
);

CREATE TABLE searchable (
  number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  recording_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  line TEXT NOT NULL,
  ended_at BIGINT,
  text TEXT NOT NULL,
  words TEXT NOT NULL,
  CONSTRAINT uq_searchable_recording_id UNIQUE (recording_id),
  CONSTRAINT fk_searchable_recording_id FOREIGN KEY(recording_id) REFERENCES recording (recording_id)
);

CREATE TABLE search_word (word TEXT NOT NULL, number INTEGER NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (word, number)) WITHOUT ROWID;

CREATE TABLE hold (
  case_id TEXT NOT NULL,
  recording_id TEXT NOT NULL,
  placed_by TEXT NOT NULL,
  placed_at BIGINT NOT NULL,
  applied_at BIGINT,
  seal BLOB,
  CONSTRAINT pk_hold PRIMARY KEY (case_id, recording_id),
  CONSTRAINT fk_hold_recording_id FOREIGN KEY(recording_id) REFERENCES recording (recording_id),
  CONSTRAINT fk_hold_case_id FOREIGN KEY(case_id) REFERENCES litigation_case (case_id)
);

CREATE INDEX ix_hold_recording_id ON hold (recording_id);

CREATE TABLE break_glass (
  request_id TEXT NOT NULL,
  recording_id TEXT NOT NULL,
  what TEXT NOT NULL,
  purpose TEXT NOT NULL,
  role TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_at BIGINT NOT NULL,
  lapses_at BIGINT NOT NULL,
  sealed_reason BLOB NOT NULL,
  approved_by TEXT,
  approved_at BIGINT,
  open_until BIGINT,
  ended_at BIGINT,
  seal BLOB,
  CONSTRAINT pk_break_glass PRIMARY KEY (request_id),
  CONSTRAINT fk_break_glass_recording_id FOREIGN KEY(recording_id) REFERENCES recording (recording_id)
);

CREATE INDEX ix_break_glass_recording_id ON break_glass (recording_id);

CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);

INSERT INTO alembic_version VALUES ('0016');

CREATE TABLE log_leaf (
  idx INTEGER NOT NULL,
  entry_id TEXT NOT NULL,
  bytes BLOB NOT NULL,
  subject TEXT,
  case_ref TEXT,
  PRIMARY KEY (idx)
);

CREATE INDEX ix_log_leaf_subject ON log_leaf (subject, idx);

CREATE INDEX ix_log_leaf_entry_id ON log_leaf (entry_id);

CREATE INDEX ix_log_leaf_case_ref ON log_leaf (case_ref, idx);

CREATE TABLE log_tile (
  level INTEGER NOT NULL,
  idx BIGINT NOT NULL,
  hashes BLOB NOT NULL,
  CONSTRAINT pk_log_tile PRIMARY KEY (level, idx)
);

CREATE TABLE log_piece (
  level INTEGER NOT NULL,
  idx BIGINT NOT NULL,
  hash BLOB NOT NULL,
  CONSTRAINT pk_log_piece PRIMARY KEY (level, idx)
);

CREATE TABLE log_segment (
  name TEXT NOT NULL,
  first_idx BIGINT NOT NULL,
  end_idx BIGINT,
  sealed_at BIGINT,
  seal BLOB,
  expired_at BIGINT,
  PRIMARY KEY (name)
);

CREATE TABLE log_checkpoint (
  size BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  note BLOB NOT NULL,
  published_at BIGINT,
  CONSTRAINT pk_log_checkpoint PRIMARY KEY (size, made_at)
);

CREATE TABLE log_timestamp (
  name TEXT NOT NULL,
  checkpoint TEXT NOT NULL,
  size BIGINT NOT NULL,
  stamped_at BIGINT NOT NULL,
  obtained_at BIGINT NOT NULL,
  token BLOB,
  published_at BIGINT,
  PRIMARY KEY (name)
);

CREATE INDEX ix_log_timestamp_obtained_at ON log_timestamp (obtained_at);

CREATE TABLE log_state (
  id INTEGER NOT NULL,
  size BIGINT NOT NULL,
  peaks BLOB NOT NULL,
  origin TEXT NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE log_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);

INSERT INTO log_version VALUES ('log_0002');
