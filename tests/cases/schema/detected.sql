-- The schema of detected hardware: memory_capacity, results with percentiles, power and efficiency.
CREATE TABLE models (model_id INTEGER PRIMARY KEY, model_name VARCHAR, model_family VARCHAR, model_type VARCHAR, model_size VARCHAR,
  parameters_million DOUBLE, added_at TIMESTAMP);
CREATE TABLE hardware_platforms (hardware_id INTEGER PRIMARY KEY, hardware_type VARCHAR, device_name VARCHAR, compute_units INTEGER,
  memory_capacity DOUBLE, driver_version VARCHAR, supported_precisions VARCHAR, max_batch_size INTEGER, detected_at TIMESTAMP);
CREATE TABLE performance_results (id INTEGER PRIMARY KEY, model_id INTEGER, hardware_id INTEGER, batch_size INTEGER, sequence_length INTEGER,
  precision VARCHAR, average_latency_ms DOUBLE, p50_latency_ms DOUBLE, p90_latency_ms DOUBLE, p99_latency_ms DOUBLE,
  throughput_items_per_second DOUBLE, memory_peak_mb DOUBLE, power_watts DOUBLE, energy_efficiency_items_per_joule DOUBLE, test_timestamp TIMESTAMP);
INSERT INTO models SELECT model_id, model, family, 'transformer', 'base', size, TIMESTAMP '2026-01-01' FROM model_numbers;
INSERT INTO hardware_platforms SELECT hardware_id, type, hardware, NULL, memory_gb, NULL, 'fp16', 64, TIMESTAMP '2026-01-01' FROM hardware_numbers;
INSERT INTO performance_results SELECT id, model_id, hardware_id, batch_size, 128, 'fp16', latency, latency, latency * 2, latency * 4, throughput, memory,
  200, throughput / 200, TIMESTAMP '2026-01-02' FROM numbers;
