-- The same numbers for every variant: 3 models on 4 pieces of hardware, batch 1 measured twice, batch 16 once.
-- All are multiples of 1/4, so that FLOAT columns keep them exactly.
CREATE TEMP TABLE model_numbers AS SELECT * FROM (VALUES
  (1, 'bert-base', 'embedding', 110), (2, 'resnet50', 'vision', 25.5), (3, 'llama-7b', 'text_generation', 7000)
) AS m(model_id, model, family, size);
CREATE TEMP TABLE hardware_numbers AS SELECT * FROM (VALUES
  (1, 'NVIDIA A100', 'cuda', 80), (2, 'AMD MI210', 'rocm', 64), (3, 'Apple M2 Ultra', 'mps', 128), (4, 'Intel Xeon', 'cpu', 256)
) AS h(hardware_id, hardware, type, memory_gb);
CREATE TEMP TABLE numbers AS
SELECT row_number() OVER (ORDER BY model_id, hardware_id, batch_size, again)::INTEGER AS id, *
FROM (VALUES
  (1, 1, 1, 1, 400.0, 2.5, 1500.0), (1, 1, 1, 2, 404.0, 2.25, 1500.0), (1, 1, 16, 1, 3200.0, 5.0, 2400.0),
  (1, 2, 1, 1, 380.0, 2.75, 1400.0), (1, 2, 1, 2, 376.0, 2.5, 1400.0), (1, 2, 16, 1, 2600.0, 6.25, 2300.0),
  (1, 3, 1, 1, 200.0, 5.0, 900.0), (1, 3, 1, 2, 196.0, 5.25, 900.0), (1, 3, 16, 1, 900.0, 17.75, 1200.0),
  (1, 4, 1, 1, 40.0, 25.0, 700.0), (1, 4, 1, 2, 42.0, 24.0, 700.0), (1, 4, 16, 1, 96.0, 166.75, 950.0),
  (2, 1, 1, 1, 600.0, 1.75, 1100.0), (2, 1, 1, 2, 604.0, 1.5, 1100.0), (2, 1, 16, 1, 5100.0, 3.25, 2100.0),
  (2, 2, 1, 1, 610.0, 1.5, 800.0), (2, 2, 1, 2, 616.0, 1.5, 800.0), (2, 2, 16, 1, 5400.0, 3.0, 1500.0),
  (2, 3, 1, 1, 320.0, 3.25, 600.0), (2, 3, 1, 2, 318.0, 3.25, 600.0), (2, 3, 16, 1, 1500.0, 10.75, 900.0),
  (2, 4, 1, 1, 90.0, 11.0, 500.0), (2, 4, 1, 2, 92.0, 10.75, 500.0), (2, 4, 16, 1, 210.0, 76.25, 800.0),
  (3, 1, 1, 1, 38.0, 26.25, 14000.0), (3, 1, 1, 2, 38.5, 26.0, 14000.0), (3, 1, 16, 1, 410.0, 39.0, 22000.0),
  (3, 2, 1, 1, 30.0, 33.25, 14000.0), (3, 2, 1, 2, 30.5, 32.75, 14000.0), (3, 2, 16, 1, 300.0, 53.25, 23000.0),
  (3, 3, 1, 1, 44.0, 22.75, 7000.0), (3, 3, 1, 2, 44.5, 22.5, 7000.0), (3, 3, 16, 1, 120.0, 133.25, 9000.0),
  (3, 4, 1, 1, 3.0, 333.25, 6500.0), (3, 4, 1, 2, 3.25, 307.75, 6500.0), (3, 4, 16, 1, 6.5, 2461.5, 8000.0)
) AS r(model_id, hardware_id, batch_size, again, throughput, latency, memory)
JOIN model_numbers USING (model_id) JOIN hardware_numbers USING (hardware_id);
