-- test_results holds no throughput, only what happened: performance_results has the metrics.
CREATE TABLE models (model_id INTEGER PRIMARY KEY, model_name VARCHAR);
CREATE TABLE hardware_platforms (hardware_id INTEGER PRIMARY KEY, hardware_type VARCHAR, device_name VARCHAR);
CREATE TABLE test_results (id INTEGER PRIMARY KEY, timestamp TIMESTAMP, test_date DATE, status VARCHAR, test_type VARCHAR, model_id INTEGER, hardware_id INTEGER,
  endpoint_type VARCHAR, success BOOLEAN, error_message VARCHAR, execution_time FLOAT, details JSON);
CREATE TABLE performance_results (id INTEGER PRIMARY KEY, model_id INTEGER, hardware_id INTEGER, batch_size INTEGER, precision VARCHAR,
  throughput DOUBLE, latency DOUBLE, peak_memory_mb DOUBLE, success BOOLEAN);
INSERT INTO models SELECT model_id, model FROM model_numbers;
INSERT INTO hardware_platforms SELECT hardware_id, type, hardware FROM hardware_numbers;
INSERT INTO test_results VALUES (1, TIMESTAMP '2026-01-01', DATE '2026-01-01', 'success', 'hardware', 1, 1, NULL, true, NULL, 1, NULL);
INSERT INTO performance_results SELECT id, model_id, hardware_id, batch_size, 'fp16', throughput, latency, memory, true FROM numbers;
INSERT INTO performance_results VALUES (201, 1, 4, 1, 'fp16', 9999, 0.25, 1, false);
