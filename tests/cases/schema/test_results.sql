-- Results in test_results, with their metrics.
CREATE TABLE models (id INTEGER PRIMARY KEY, name VARCHAR);
CREATE TABLE hardware_platforms (id INTEGER PRIMARY KEY, type VARCHAR, name VARCHAR, vendor VARCHAR);
CREATE TABLE test_results (id INTEGER PRIMARY KEY, model_id INTEGER, hardware_id INTEGER, batch_size INTEGER, throughput DOUBLE, latency DOUBLE,
  memory_usage DOUBLE, version_id INTEGER, metadata JSON);
CREATE TABLE power_metrics (id INTEGER PRIMARY KEY, test_id INTEGER, model_id INTEGER, hardware_id INTEGER, power_watts_avg FLOAT, power_watts_peak FLOAT,
  temperature_celsius_avg FLOAT, temperature_celsius_peak FLOAT, test_timestamp TIMESTAMP);
INSERT INTO models SELECT model_id, model FROM model_numbers;
INSERT INTO hardware_platforms SELECT hardware_id, type, hardware, NULL FROM hardware_numbers;
INSERT INTO test_results SELECT id, model_id, hardware_id, batch_size, throughput, latency, memory, NULL, '{"runs": 3}' FROM numbers;
INSERT INTO power_metrics VALUES (1, 1, 1, 1, 250, 300, 60, 70, NULL), (2, 2, 9, 9, 999, 999, 60, 70, NULL);
