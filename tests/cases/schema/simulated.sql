-- latency_ms, memory_mb and input_shape; some rows are simulated, some failed.
CREATE TABLE models (model_id BIGINT PRIMARY KEY, model_name VARCHAR, model_family VARCHAR);
CREATE TABLE hardware_platforms (hardware_id BIGINT PRIMARY KEY, hardware_type VARCHAR, device_name VARCHAR, memory_gb DOUBLE);
CREATE TABLE performance_results (id BIGINT PRIMARY KEY, model_id BIGINT, hardware_id BIGINT, batch_size INTEGER, precision VARCHAR, latency_ms DOUBLE,
  throughput DOUBLE, memory_mb DOUBLE, power_consumption_watts DOUBLE, input_shape VARCHAR, metadata JSON, is_simulated BOOLEAN, simulation_reason VARCHAR,
  error_category VARCHAR, status VARCHAR);
CREATE TABLE hardware_compatibility (id INTEGER PRIMARY KEY, model_id INTEGER, hardware_id INTEGER, compatibility_status VARCHAR, compatibility_score FLOAT,
  recommended BOOLEAN, last_tested TIMESTAMP, compatibility_type VARCHAR);
INSERT INTO models SELECT model_id, model, family FROM model_numbers;
-- A model that was entered twice.
INSERT INTO models VALUES (9, 'llama-7b', NULL);
INSERT INTO hardware_platforms SELECT hardware_id, type, hardware, memory_gb FROM hardware_numbers;
INSERT INTO hardware_platforms VALUES (5, 'openvino', 'Intel Xeon', 256);
INSERT INTO performance_results SELECT id, CASE WHEN model_id = 3 AND batch_size = 16 THEN 9 ELSE model_id END, hardware_id, batch_size, 'fp16', latency,
  throughput, memory, 150, '[' || batch_size || ', 3, 224, 224]', NULL, false, NULL, NULL, 'success' FROM numbers;
INSERT INTO performance_results VALUES
  (201, 1, 5, 1, 'fp16', 1.0, 990, 100, NULL, '[1, 3, 224, 224]', NULL, true, 'no such device', NULL, 'success'),
  (202, 1, 4, 1, 'fp16', 0.25, 9999, 1, NULL, '[1, 3, 224, 224]', NULL, false, NULL, 'out_of_memory', 'success'),
  (203, 1, 4, 1, 'fp16', 0.25, 9999, 1, NULL, '[1, 3, 224, 224]', NULL, false, NULL, NULL, 'error');
INSERT INTO hardware_compatibility VALUES (1, 1, 4, 'ok', 1, true, NULL, 'REAL'), (2, 2, 4, NULL, 0, false, NULL, 'INCOMPATIBLE');
