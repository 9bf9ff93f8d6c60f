-- Short names everywhere, and results that name the version of the model.
CREATE TABLE models (id INTEGER PRIMARY KEY, name VARCHAR UNIQUE);
CREATE TABLE hardware_platforms (id INTEGER PRIMARY KEY, type VARCHAR, name VARCHAR, vendor VARCHAR);
CREATE TABLE model_registry_versions (id INTEGER PRIMARY KEY, model_id INTEGER, version_tag VARCHAR, version_hash VARCHAR, created_at TIMESTAMP, metadata VARCHAR);
CREATE TABLE performance_results (id INTEGER PRIMARY KEY, model_id INTEGER REFERENCES models (id), hardware_id INTEGER REFERENCES hardware_platforms (id),
  batch_size INTEGER, precision VARCHAR, throughput DOUBLE, latency DOUBLE, memory_usage DOUBLE, model_version_id INTEGER);
INSERT INTO models SELECT model_id, model FROM model_numbers;
INSERT INTO hardware_platforms SELECT hardware_id, type, hardware, split_part(hardware, ' ', 1) FROM hardware_numbers;
INSERT INTO model_registry_versions VALUES (5, 1, 'v1.0', 'abc', TIMESTAMP '2026-01-01', '{"a": 1}');
INSERT INTO performance_results SELECT id, model_id, hardware_id, batch_size, 'fp16', throughput, latency, memory,
  CASE WHEN model_id = 1 THEN 5 END FROM numbers;
