-- Everything in one table, by name.
CREATE TABLE benchmark_performance (model VARCHAR, hardware VARCHAR, device VARCHAR, batch_size INTEGER, precision VARCHAR, throughput DOUBLE,
  latency_avg DOUBLE, latency_p90 DOUBLE, latency_p95 DOUBLE, latency_p99 DOUBLE, memory_peak DOUBLE, timestamp TIMESTAMP, source_file VARCHAR, notes VARCHAR);
INSERT INTO benchmark_performance SELECT model, type, hardware, batch_size, 'fp16', throughput, latency, NULL, NULL, NULL, memory, TIMESTAMP '2026-01-02', 'a.json', NULL
FROM numbers ORDER BY id;
