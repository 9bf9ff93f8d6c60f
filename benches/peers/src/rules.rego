# The twelve rules in Rego. A field that is not known is not in the input, so that a rule which needs it is undefined.
package suitor

import rego.v1

four_bit := {"int4", "uint4", "fp4", "nvfp4", "mxfp4", "4bit", "q4_0", "q4_k_m", "q4_k_s"}

eight_bit := {"int8", "uint8", "fp8", "mxfp8", "8bit", "q8_0"}

blackwell := ["Blackwell", "B100", "B200", "B300", "GB200", "GB300", "RTX 5050", "RTX 5060", "RTX 5070", "RTX 5080", "RTX 5090", "Thor", "DGX Spark", "GB10"]

before_ada := [
	"A100", "A10", "A16", "A2", "A30", "A40", "A800", "A4000", "A5000", "A6000",
	"RTX 2060", "RTX 2070", "RTX 2080", "RTX 3050", "RTX 3060", "RTX 3070", "RTX 3080", "RTX 3090",
	"GTX", "T4", "V100", "P100", "Titan", "Orin",
]

before_ampere := ["RTX 2060", "RTX 2070", "RTX 2080", "GTX", "T4", "V100", "P100", "Titan"]

result := {"excluded": excluded} if {
	excluded
} else := {"scores": [s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12]}

excluded := 0 if {
	too_large
} else := 1 if {
	input.hardware_type in {"webnn", "webgpu"}
	beyond
} else := 10 if {
	consumer
	input.device_count > 4
}

capacity := input.device_memory_mb * input.device_count

too_large if {
	input.provenance != "measured"
	input.memory_peak_mb > capacity
}

too_large if {
	input.provenance != "measured"
	not input.memory_peak_mb
	need > capacity
}

need := (input.parameters_million * bytes) * 1.2

bytes := 0.5 if {
	input.precision in four_bit
} else := 1 if {
	input.precision in eight_bit
} else := 4 if {
	input.precision == "fp32"
} else := 2

size := 2 if {
	input.parameters_million >= 10000
} else := 1 if {
	input.parameters_million >= 1000
} else := 0

advised := text_advised if {
	input.model_family in {"text_generation", "llama", "mistral", "mixtral", "qwen", "gemma", "phi", "gpt", "falcon", "deepseek"}
} else := vision_advised if {
	input.model_family in {"vision", "resnet", "vit", "convnext", "swin"}
} else := audio_advised if {
	input.model_family in {"audio", "whisper", "wav2vec"}
} else := multimodal_advised if {
	input.model_family in {"multimodal", "llava", "clip", "blip"}
} else := 2

text_advised := 1 if {
	input.hardware_type == "mps"
} else := 0 if {
	input.hardware_type in {"openvino", "webnn", "webgpu"}
} else := 2

vision_advised := 1 if {
	input.hardware_type in {"webnn", "webgpu"}
} else := 2

audio_advised := 1 if {
	input.hardware_type in {"mps", "openvino"}
} else := 0 if {
	input.hardware_type in {"webnn", "webgpu"}
} else := 2

multimodal_advised := 0 if {
	input.hardware_type in {"mps", "openvino", "webnn", "webgpu"}
} else := 2

beyond if {
	input.provenance != "measured"
	input.model_family
	input.parameters_million
	size > advised
}

consumer if startswith(input.hardware_name, "NVIDIA GeForce")

consumer if startswith(input.hardware_name, "AMD Radeon")

rounded(score) := round(score * 1000000000000) / 1000000000000

s1 := rounded(input.suitability * 0.95) if {
	input.provenance == "measured"
	max([0, 1 - (input.memory_peak_mb / capacity)]) < 0.1
} else := input.suitability

s2 := rounded(s1 * 0.5) if {
	beyond
} else := s1

lacks if {
	input.hardware_type in {"cpu", "mps", "openvino", "webgpu", "webnn"}
	input.precision in {"fp4", "nvfp4", "mxfp4", "fp8", "mxfp8"}
}

lacks if {
	input.hardware_type == "cuda"
	input.precision in {"fp4", "nvfp4", "mxfp4"}
	not named_by_any(blackwell)
}

lacks if {
	input.hardware_type == "cuda"
	input.precision in {"fp8", "mxfp8"}
	named_by_any(before_ada)
}

lacks if {
	input.hardware_type == "cuda"
	input.precision == "bf16"
	named_by_any(before_ampere)
}

named_by_any(parts) if {
	some part in parts
	contains(input.hardware_name, part)
}

s3 := rounded(s2 * 0.97) if {
	lacks
	input.provenance == "measured"
} else := rounded(s2 * 0.7) if {
	lacks
} else := s2

s4 := rounded(s3 * 0.9) if {
	input.results >= 2
	input.spread > 0.105
} else := s3

s5 := rounded(s4 * (1 - min([0.3, 0.1 * ((input.age_days - 365) / 365)]))) if {
	input.age_days > 365
} else := s4

s6 := rounded(s5 * (1 - ((input.failed_results / (input.results + input.failed_results)) * 0.5))) if {
	input.failed_results != 0
} else := s5

s7 := rounded(s6 * (1 - (0.05 * (3 - input.results)))) if {
	input.results < 3
} else := s6

s8 := s7 if {
	input.device_count == 1
} else := rounded(s7 * 0.99) if {
	input.device_count == 2
} else := rounded(s7 * 0.98) if {
	input.device_count == 4
} else := rounded(s7 * 0.96)

wait := input.ttft_ms if {
	input.ttft_ms
} else := input.latency_ms

s9 := rounded(s8 * (1 - (0.2 * min([1, (wait - 200) / 2000])))) if {
	wait > 200
} else := s8

s10 := rounded(s9 * 0.9) if {
	input.energy_j_per_item > 5
} else := rounded(s9 * 0.97) if {
	input.energy_j_per_item > 0.5
} else := s9

s11 := rounded(s10 * 0.93) if {
	consumer
	input.parameters_million >= 1000
} else := s10

narrow := 0.8 + (((1 - 0.8) * input.coverage) / 0.5)

trusted := narrow + ((1 - narrow) / 2) if {
	input.confidence > 0.95
} else := narrow

s12 := rounded(s11 * trusted) if {
	not input.uncontested
	input.coverage < 0.5
} else := s11
