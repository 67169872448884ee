"""The walls as a cluster can have them.

Citus refuses a policy that has a query in it. On one server a query is there for speed (it is run once for a
statement) and, for the list of workspaces, to look into another table; here the first is left out and the
second is put into a function.
"""

from __future__ import annotations

OWN = "workspace_id = NULLIF(current_setting('goodword.workspace_id', true), '')::uuid"
SELF = "id = NULLIF(current_setting('goodword.workspace_id', true), '')::uuid"
ME = "user_id = NULLIF(current_setting('goodword.user_id', true), '')::integer"

IS_MEMBER = f"""
    CREATE OR REPLACE FUNCTION goodword_is_member(workspace uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    BEGIN
        -- Asked for every workspace of a list: most callers are not looking for a person's.
        IF coalesce(current_setting('goodword.user_id', true), '') = '' THEN
            RETURN false;
        END IF;
        RETURN EXISTS (SELECT FROM membership WHERE membership.workspace_id = workspace AND {ME});
    END
    $$
"""


def policies(table: str) -> list[str]:
    """The statements that put a table's policies up."""
    if table == "workspace":
        return [
            f"""
            CREATE POLICY own ON workspace
            USING (
                {SELF}
                OR current_setting('goodword.directory', true) = 'on'
                OR goodword_is_member(id)
            )
            WITH CHECK ({SELF})
            """
        ]
    made = [f"CREATE POLICY own ON {table} USING ({OWN}) WITH CHECK ({OWN})"]
    if table == "membership":
        made.append(f"CREATE POLICY my_memberships ON membership FOR SELECT USING ({ME})")
    return made
