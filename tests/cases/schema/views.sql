-- The base tables are views of tables with other names.
CREATE TABLE m AS SELECT * FROM model_numbers;
CREATE TABLE h AS SELECT * FROM hardware_numbers;
CREATE TABLE p AS SELECT * FROM numbers;
CREATE VIEW models AS SELECT model_id AS id, model AS name FROM m;
CREATE VIEW hardware_platforms AS SELECT hardware_id AS id, type, hardware AS name FROM h;
CREATE VIEW performance_results AS SELECT id, model_id, hardware_id, batch_size, throughput, latency, memory AS memory_usage FROM p;
