-- The four tables as other software made them: FLOAT, no sequences, columns of its own.
CREATE TABLE models (model_id INTEGER PRIMARY KEY, model_name VARCHAR, model_family VARCHAR, parameters_million FLOAT);
CREATE TABLE hardware_platforms (hardware_id INTEGER PRIMARY KEY, hardware_type VARCHAR, device_name VARCHAR, memory_gb FLOAT);
CREATE TABLE performance_results (result_id INTEGER PRIMARY KEY, model_id INTEGER, hardware_id INTEGER, test_case VARCHAR, batch_size INTEGER, precision VARCHAR,
  average_latency_ms FLOAT, throughput_items_per_second FLOAT, memory_peak_mb FLOAT);
INSERT INTO models SELECT model_id, model, family, size FROM model_numbers;
INSERT INTO hardware_platforms SELECT hardware_id, type, hardware, memory_gb FROM hardware_numbers;
INSERT INTO performance_results SELECT id, model_id, hardware_id, 'inference', batch_size, 'fp16', latency, throughput, memory FROM numbers;
CREATE TABLE model_registry_versions (id INTEGER PRIMARY KEY, model_id INTEGER REFERENCES models (model_id), version_tag VARCHAR, version_hash VARCHAR,
  created_at TIMESTAMP, metadata VARCHAR);
CREATE TABLE hardware_model_compatibility (id INTEGER PRIMARY KEY, model_id INTEGER, hardware_id INTEGER, compatibility_score FLOAT, suitability_score FLOAT,
  recommended_batch_size INTEGER, recommended_precision VARCHAR, memory_requirement FLOAT, created_at TIMESTAMP, last_updated TIMESTAMP, notes VARCHAR, reviewer VARCHAR);
CREATE TABLE task_recommendations (id INTEGER PRIMARY KEY, task_type VARCHAR, model_id INTEGER, hardware_id INTEGER, suitability_score FLOAT,
  created_at TIMESTAMP, last_updated TIMESTAMP);
CREATE TABLE hardware_compatibility_snapshots (id INTEGER PRIMARY KEY, model_id INTEGER, version_id INTEGER REFERENCES model_registry_versions (id), hardware_id INTEGER,
  compatibility_score FLOAT, suitability_score FLOAT, recommended_batch_size INTEGER, recommended_precision VARCHAR, memory_requirement FLOAT, created_at TIMESTAMP);
INSERT INTO model_registry_versions VALUES (3, 1, 'v1', 'aa', TIMESTAMP '2026-01-01', '{"k": 1}'), (8, 2, 'v1', 'bb', NULL, 'no json');
INSERT INTO hardware_model_compatibility VALUES (4, 1, 1, 0.75, 0.5, 16, 'fp16', 1500, TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-02', 'seen', 'ann');
INSERT INTO task_recommendations VALUES (6, 'inference', 1, 1, 0.5, NULL, NULL);
INSERT INTO hardware_compatibility_snapshots VALUES (11, 1, 3, 1, 0.75, 0.5, 16, 'fp16', 1500, NULL), (12, 1, 3, 1, 0.5, 0.25, 16, 'fp16', 1500, NULL);
