"""The columns of each listing, in Snowflake's order.

Source: the section Output of each page under docs.snowflake.com/en/sql-reference/sql/show-….
"""

from pipeline.local.answers import INSTANT, INTEGER, TEXT
from pipeline.sql.types import DataType

Columns = tuple[tuple[str, DataType], ...]

_NUMBERS = """
rows bytes min_cluster_count max_cluster_count started_clusters running queued actives pendings failed suspended
auto_suspend query_acceleration_max_scale_factor min_num_arguments max_num_arguments key_sequence next_value interval
search_optimization_bytes assigned_to_users granted_to_roles granted_roles mins_to_unlock days_to_expiry
mins_to_bypass_mfa
"""
_MOMENTS = """
created_on dropped_on updated_on resumed_on started_on acquired_on stale_after last_committed_on last_suspended_on
transaction_started_on last_success_login expires_at_time locked_until_time
"""
_TYPES = {**dict.fromkeys(_NUMBERS.split(), INTEGER), **dict.fromkeys(_MOMENTS.split(), INSTANT)}


def columns(names: str) -> Columns:
    """Columns by name; names of numbers and times have that type wherever they occur, the others are texts."""
    return tuple((name, _TYPES.get(name, TEXT)) for name in names.split())


TERSE = columns("created_on name kind database_name schema_name")

TABLES = columns(
    """created_on name database_name schema_name kind comment cluster_by rows bytes owner retention_time
    automatic_clustering change_tracking search_optimization search_optimization_progress search_optimization_bytes
    is_external enable_schema_evolution owner_role_type is_event budget is_hybrid is_iceberg is_dynamic is_immutable"""
)
OBJECTS = columns(
    """created_on name database_name schema_name kind comment cluster_by rows bytes owner retention_time
    owner_role_type budget is_hybrid is_dynamic is_iceberg"""
)
VIEWS = columns(
    """created_on name reserved database_name schema_name owner comment text is_secure is_materialized
    owner_role_type change_tracking"""
)
COLUMNS = columns(
    """table_name schema_name column_name data_type null? default kind expression comment database_name autoincrement
    schema_evolution_record"""
)
SCHEMAS = columns(
    "created_on name is_default is_current database_name owner comment options retention_time owner_role_type"
)
DATABASES = columns(
    """created_on name is_default is_current origin owner comment options retention_time kind budget
    owner_role_type"""
)
WAREHOUSES = columns(
    """name state type size min_cluster_count max_cluster_count started_clusters running queued is_default is_current
    auto_suspend auto_resume available provisioning quiescing other created_on resumed_on updated_on owner comment
    enable_query_acceleration query_acceleration_max_scale_factor resource_monitor actives pendings failed suspended
    uuid scaling_policy budget owner_role_type resource_constraint"""
)
STAGES = columns(
    """created_on name database_name schema_name url has_credentials has_encryption_key owner comment region type cloud
    notification_channel storage_integration endpoint owner_role_type directory_enabled"""
)
FILE_FORMATS = columns("created_on name database_name schema_name type owner comment format_options owner_role_type")
SEQUENCES = columns(
    "name database_name schema_name next_value interval created_on owner comment owner_role_type ordered"
)
STREAMS = columns(
    """created_on name database_name schema_name owner comment table_name source_type base_tables type stale mode
    stale_after invalid_reason owner_role_type"""
)
STREAMS_TERSE = columns("created_on name kind database_name schema_name tableOn")
TASKS = columns(
    """created_on name id database_name schema_name owner comment warehouse schedule scheduling_mode
    target_completion_interval predecessors state definition condition allow_overlapping_execution error_integration
    success_integration last_committed_on last_suspended_on owner_role_type config last_suspended_reason task_relations
    execute_as_user overlap_policy"""
)
TASKS_TERSE = columns("created_on name kind database_name schema_name schedule state")
PROCEDURES = columns(
    """created_on name schema_name is_builtin is_aggregate is_ansi min_num_arguments max_num_arguments arguments
    description catalog_name is_table_function valid_for_clustering is_secure secrets external_access_integrations"""
)
FUNCTIONS = PROCEDURES + columns("is_external_function language is_memoizable is_data_metric")
PARAMETERS = columns("key value default level description type")
VARIABLES = columns("session_id created_on updated_on name value type comment")
ROLES = columns(
    "created_on name is_default is_current is_inherited assigned_to_users granted_to_roles granted_roles owner comment"
)
USERS = columns(
    """name created_on login_name display_name first_name last_name email mins_to_unlock days_to_expiry comment disabled
    must_change_password snowflake_lock default_warehouse default_namespace default_role default_secondary_roles
    ext_authn_duo ext_authn_uid mins_to_bypass_mfa owner last_success_login expires_at_time locked_until_time
    has_password has_rsa_public_key type has_mfa"""
)
KEYS = columns("created_on database_name schema_name table_name column_name key_sequence constraint_name rely comment")
IMPORTED_KEYS = columns(
    """created_on pk_database_name pk_schema_name pk_table_name pk_column_name fk_database_name fk_schema_name
    fk_table_name fk_column_name key_sequence update_rule delete_rule fk_name pk_name deferrability rely comment"""
)
TRANSACTIONS = columns("id user session name started_on state scope")
LOCKS = columns("resource type transaction transaction_started_on status acquired_on query_id session")
GRANTS = columns("created_on privilege granted_on name granted_to grantee_name grant_option granted_by")
ROLE_GRANTS = columns("created_on role granted_to grantee_name granted_by")
PIPES = columns(
    """created_on name database_name schema_name definition owner notification_channel comment integration pattern
    error_integration owner_role_type invalid_reason kind"""
)
ALERTS = columns(
    "created_on name database_name schema_name owner comment warehouse schedule state condition action owner_role_type"
)
DYNAMIC_TABLES = columns(
    """created_on name database_name schema_name cluster_by rows bytes owner target_lag refresh_mode
    refresh_mode_reason warehouse comment text automatic_clustering scheduling_state last_suspended_on is_clone
    is_replica data_timestamp owner_role_type"""
)
EXTERNAL_TABLES = columns(
    """created_on name database_name schema_name invalid invalid_reason owner comment stage location file_format_name
    file_format_type cloud region notification_channel last_refreshed_on table_format last_refresh_details
    owner_role_type"""
)
POLICIES = columns("created_on name database_name schema_name kind owner comment owner_role_type options")
