-- A stand-in for Citus on one server: the functions and tables that `goodword citus distribute` uses, and the
-- refusals of Citus that concern it. To distribute a table here is to split it in hash partitions by the column.
-- It is not Citus: there is one node, and statements are planned by PostgreSQL.
CREATE SCHEMA standin;
GRANT USAGE ON SCHEMA standin TO PUBLIC;
SET search_path TO standin, public;

CREATE TABLE pg_dist_node (groupid int, nodename text, nodeport int, answer text);
INSERT INTO pg_dist_node VALUES (0, 'coordinator', 5432, NULL), (1, 'one', 5432, NULL), (2, 'two', 5432, NULL);
CREATE TABLE pg_dist_partition (logicalrelid regclass, partmethod "char", partkey text, colocationid int);
CREATE TABLE told (version text, is_coordinator boolean);
INSERT INTO told VALUES ('Citus 14.0.0 on x86_64-pc-linux-gnu', true);
GRANT SELECT ON ALL TABLES IN SCHEMA standin TO PUBLIC;

CREATE FUNCTION citus_version() RETURNS text LANGUAGE sql STABLE AS 'SELECT version FROM standin.told';
CREATE FUNCTION citus_is_coordinator() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT is_coordinator FROM standin.told';
CREATE FUNCTION citus_get_active_worker_nodes(OUT node_name text, OUT node_port bigint) RETURNS SETOF record
LANGUAGE sql STABLE AS 'SELECT nodename, nodeport FROM standin.pg_dist_node WHERE groupid > 0';
CREATE FUNCTION run_command_on_workers(
    command text, OUT nodename text, OUT nodeport int, OUT success boolean, OUT result text
) RETURNS SETOF record LANGUAGE sql STABLE AS
    'SELECT nodename, nodeport, answer IS NULL, coalesce(answer, ''1'') FROM standin.pg_dist_node WHERE groupid > 0';
CREATE FUNCTION column_to_column_name(logicalrelid regclass, partkey text) RETURNS text
LANGUAGE sql IMMUTABLE AS 'SELECT partkey';

CREATE FUNCTION refuse_what_citus_refuses(wanted regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT relrowsecurity FROM pg_class WHERE oid = wanted) THEN
        RAISE EXCEPTION 'COPY FROM not supported with row-level security';
    END IF;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = wanted AND NOT tgisinternal) THEN
        RAISE EXCEPTION 'a trigger of % would run for rows that are only moved', wanted;
    END IF;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = wanted AND attidentity <> '') THEN
        RAISE EXCEPTION 'cannot complete operation on a table with identity column';
    END IF;
    IF current_setting('citus.multi_shard_modify_mode', true) IS DISTINCT FROM 'sequential' THEN
        RAISE EXCEPTION 'cannot modify table % because there was a parallel operation', wanted;
    END IF;
END
$$;

CREATE FUNCTION create_reference_table(wanted regclass) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM standin.refuse_what_citus_refuses(wanted);
    INSERT INTO standin.pg_dist_partition VALUES (wanted, 'n', NULL, 1);
END
$$;

CREATE FUNCTION create_distributed_table(wanted regclass, by_column text, colocate_with text DEFAULT 'default')
RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    parts constant int := 4;
    name constant text := wanted::text;
    owner constant text := (SELECT relowner::regrole FROM pg_class WHERE oid = wanted);
    counted text;
    statement text;
BEGIN
    PERFORM standin.refuse_what_citus_refuses(wanted);
    IF colocate_with <> 'none' AND NOT EXISTS (
        SELECT FROM standin.pg_dist_partition WHERE logicalrelid = colocate_with::regclass AND partmethod = 'h'
    ) THEN
        RAISE EXCEPTION '% is not distributed', colocate_with;
    END IF;
    -- A sequence belongs to its column and would go with it.
    SELECT format('ALTER SEQUENCE %s OWNED BY NONE', oid::regclass) INTO counted
    FROM pg_class
    WHERE relkind = 'S' AND oid IN (
        SELECT objid FROM pg_depend WHERE refobjid = wanted AND classid = 'pg_class'::regclass AND deptype = 'a'
    );
    IF counted IS NOT NULL THEN
        EXECUTE counted;
    END IF;
    EXECUTE format('ALTER TABLE %I RENAME TO whole', name);
    EXECUTE format('CREATE TABLE public.%I (LIKE whole INCLUDING ALL) PARTITION BY HASH (%I)', name, by_column);
    EXECUTE format('ALTER TABLE %I OWNER TO %I', name, owner);
    FOR part IN 0 .. parts - 1 LOOP
        EXECUTE format(
            'CREATE TABLE public.%I PARTITION OF %I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
            name || '_part' || part, name, parts, part
        );
        EXECUTE format('ALTER TABLE %I OWNER TO %I', name || '_part' || part, owner);
        -- Only through the table as a whole, which gets its policies.
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name || '_part' || part);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name || '_part' || part);
    END LOOP;
    EXECUTE format('INSERT INTO %I SELECT * FROM whole', name);
    DROP TABLE whole;
    INSERT INTO standin.pg_dist_partition VALUES (name::regclass, 'h', by_column, 2);
END
$$;

CREATE FUNCTION hold_commands_to_citus() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() AS made
        JOIN pg_trigger ON pg_trigger.oid = made.objid AND made.classid = 'pg_trigger'::regclass
        JOIN standin.pg_dist_partition ON logicalrelid = tgrelid
        WHERE coalesce(current_setting('citus.enable_unsafe_triggers', true), '') <> 'on'
    ) THEN
        RAISE EXCEPTION 'triggers are not supported on distributed tables';
    END IF;
    IF EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() AS made
        JOIN pg_policy ON pg_policy.oid = made.objid AND made.classid = 'pg_policy'::regclass
        JOIN standin.pg_dist_partition ON logicalrelid = polrelid
        WHERE coalesce(pg_get_expr(polqual, polrelid), '') || coalesce(pg_get_expr(polwithcheck, polrelid), '')
              LIKE '%SELECT%'
    ) THEN
        RAISE EXCEPTION 'cannot create policy'
            USING DETAIL = 'Subqueries are not supported in policies on distributed tables';
    END IF;
END
$$;
CREATE EVENT TRIGGER hold_commands_to_citus ON ddl_command_end WHEN TAG IN ('CREATE TRIGGER', 'CREATE POLICY')
EXECUTE FUNCTION hold_commands_to_citus();
