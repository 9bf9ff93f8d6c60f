//! The fields of a benchmark row: the one table of names, types and units that the store, the importer, the planner
//! and the documentation share.

/// How a field's values are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// VARCHAR.
    Text,
    /// BIGINT.
    Integer,
    /// DOUBLE.
    Number,
    /// TIMESTAMP, always UTC.
    Time,
}

impl Type {
    /// The type's name in SQL.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            Self::Text => "VARCHAR",
            Self::Integer => "BIGINT",
            Self::Number => "DOUBLE",
            Self::Time => "TIMESTAMP",
        }
    }
}

/// What a field says about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Which model it is.
    Model,
    /// Which hardware it is.
    Hardware,
    /// What was run: only rows alike in the `cell_by` ones of these are compared.
    Workload,
    /// How it was run: an operating point is one combination of these.
    Point,
    /// What came out: a number greater than 0.
    Metric,
    /// Where the row is from.
    Origin,
}

/// One field of a benchmark row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name, the same in SQL, TOML, JSON and on the command line.
    pub name: &'static str,
    /// How it is kept.
    pub kind: Type,
    /// What it says.
    pub role: Role,
    /// The unit and meaning, for people.
    pub about: &'static str,
}

const fn field(name: &'static str, kind: Type, role: Role, about: &'static str) -> Field {
    Field { name, kind, role, about }
}

/// Every field of the *row relation*, in its column order: the columns that `store` gives the planner,
/// whatever the tables beneath are called. `row_id`, `model_id` and `hardware_id` (BIGINT) come before them.
///
/// Text is never empty (an empty text is null). A metric is null or a finite number in (0, 1e12). `hardware` is the label
/// (`NAME xCOUNT`, the count left out when 1). `task` is `inference` or `training` (or what a mapping says), never null;
/// `provenance` is `measured`, `simulated` or `estimated`, never null; `device_count` is at least 1, never null.
pub const FIELDS: &[Field] = &[
    field("model", Type::Text, Role::Model, "name of the model"),
    field("model_family", Type::Text, Role::Model, "family of the model, such as `llama`"),
    field("parameters_million", Type::Number, Role::Model, "size of the model, millions of parameters"),
    field("hardware", Type::Text, Role::Hardware, "label: name and count, `NVIDIA H200 x8`"),
    field("hardware_name", Type::Text, Role::Hardware, "name of one device"),
    field("device_count", Type::Integer, Role::Hardware, "number of devices"),
    field("hardware_type", Type::Text, Role::Hardware, "cuda, rocm, cpu, mps, tpu, xpu, openvino, ..."),
    field("device_memory_mb", Type::Number, Role::Hardware, "memory of one device, MB"),
    field("task", Type::Text, Role::Workload, "inference, training, ..."),
    field("scenario", Type::Text, Role::Workload, "way of loading, such as Offline or Server"),
    field("division", Type::Text, Role::Workload, "closed or open (MLPerf)"),
    field("suite", Type::Text, Role::Workload, "datacenter or edge (MLPerf)"),
    field("image_size", Type::Integer, Role::Workload, "side of the input image, pixels"),
    field("input_tokens", Type::Integer, Role::Workload, "tokens in a request"),
    field("output_tokens", Type::Integer, Role::Workload, "tokens in an answer"),
    field("batch_size", Type::Integer, Role::Point, "items processed together"),
    field("precision", Type::Text, Role::Point, "fp32, fp16, bf16, int8, amp, ..."),
    field("framework", Type::Text, Role::Point, "software configuration"),
    field("item_unit", Type::Text, Role::Point, "what is counted: images, samples, queries, tokens"),
    field("provenance", Type::Text, Role::Point, "measured, simulated or estimated"),
    field("throughput_items_per_second", Type::Number, Role::Metric, "items per second, of the whole system"),
    field("latency_ms_mean", Type::Number, Role::Metric, "latency, mean, ms"),
    field("latency_ms_p50", Type::Number, Role::Metric, "latency, median, ms"),
    field("latency_ms_p90", Type::Number, Role::Metric, "latency, 90th percentile, ms"),
    field("latency_ms_p99", Type::Number, Role::Metric, "latency, 99th percentile, ms"),
    field("ttft_ms_mean", Type::Number, Role::Metric, "time to first token, mean, ms"),
    field("ttft_ms_p50", Type::Number, Role::Metric, "time to first token, median, ms"),
    field("ttft_ms_p99", Type::Number, Role::Metric, "time to first token, 99th percentile, ms"),
    field("tpot_ms_mean", Type::Number, Role::Metric, "time per output token, mean, ms"),
    field("tpot_ms_p50", Type::Number, Role::Metric, "time per output token, median, ms"),
    field("tpot_ms_p99", Type::Number, Role::Metric, "time per output token, 99th percentile, ms"),
    field("memory_peak_mb", Type::Number, Role::Metric, "peak memory, MB"),
    field("power_watts", Type::Number, Role::Metric, "mean power, W"),
    field("energy_j_per_item", Type::Number, Role::Metric, "energy per item, J"),
    field("time_to_train_s", Type::Number, Role::Metric, "time to train to the target quality, s"),
    field("status", Type::Text, Role::Origin, "null or `ok` when the run succeeded"),
    field("source", Type::Text, Role::Origin, "who published the row"),
    field("source_version", Type::Text, Role::Origin, "version of the source, such as `v5.0`"),
    field("source_file", Type::Text, Role::Origin, "file that the row was imported from"),
    field("source_key", Type::Text, Role::Origin, "line or key inside the file"),
    field("submitter", Type::Text, Role::Origin, "who ran it"),
    field("tested_at", Type::Time, Role::Origin, "when it was run, UTC"),
    field("content_hash", Type::Text, Role::Origin, "hash of the row's content, 32 hex digits"),
];

/// Returns the field of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// Returns the names of the fields with that role, in order.
pub fn of_role(role: Role) -> impl Iterator<Item = &'static str> {
    FIELDS.iter().filter(move |field| field.role == role).map(|field| field.name)
}
