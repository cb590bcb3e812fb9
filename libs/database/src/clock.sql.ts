/**
 * The database's clock, through which all SQL judges time. Tests replace `lanyard.now()` to move time; every other function
 * stands on it. clock_timestamp, not now(): a deadline is judged when the row is looked at, not when the transaction began.
 */
export const CLOCK_FUNCTIONS = `
CREATE OR REPLACE FUNCTION lanyard.now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
  AS $$ SELECT clock_timestamp() $$;
CREATE OR REPLACE FUNCTION lanyard.ms(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT floor(extract(epoch FROM at) * 1000)::bigint $$;
CREATE OR REPLACE FUNCTION lanyard.from_ms(ms bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT timestamptz 'epoch' + ms * interval '1 millisecond' $$;
CREATE OR REPLACE FUNCTION lanyard.now_ms() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
  AS $$ SELECT lanyard.ms(lanyard.now()) $$;
`;
