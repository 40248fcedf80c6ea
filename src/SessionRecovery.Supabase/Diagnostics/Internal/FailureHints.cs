using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Diagnostics.Internal;

/// <summary>Provides hints that tell the operator how to correct a permanent failure.</summary>
internal static class FailureHints
{
    /// <param name="failure">The failure.</param>
    /// <param name="grant">The hint that is returned if a right is missing.</param>
    public static string Get(SupabaseFailure failure, string grant) => GetByCode(failure.Code) ?? failure.Fault switch
    {
        SupabaseFault.Denied => grant,
        SupabaseFault.NotDefined => "it does not exist, or PostgREST has not reloaded its schema (NOTIFY pgrst, 'reload schema')",
        SupabaseFault.KeyRejected => "the API key does not belong to this project",
        SupabaseFault.ClockSkew => "the clocks of this host and of the project differ, or the token has another audience",
        _ => "docs/supabase.md describes what a project requires",
    };

    public static string GetForFunction(SupabaseFailure failure) => Get(failure, "apply the migrations again, which grant it");

    /// <summary>
    /// Returns whether an error code means that the project's configuration is wrong for every request. After such an error, the host does
    /// not start.
    /// </summary>
    public static bool IsSetupMistake(string code) =>
        code is "42P17" or "PGRST111" or "PGRST112" or "PGRST121" or "PGRST203" or "PGRST300" or "PGRST302";

    private static string? GetByCode(string code) => code switch
    {
        "22023" => "the role that the key or the token names does not exist in the database",
        "42P17" => "a row-level security policy of the table reads the table itself; replace that query by a security definer function",
        "P0001" => "a function or a trigger of the project raised this error",
        "P0002" or "P0003" => "a query of the project's own function or trigger found no row, or more than one, where it requires one",
        "PGRST111" or "PGRST112" =>
            "a function or a trigger of the project set response.headers or response.status to an invalid value; the command took effect",
        "PGRST121" => "a function of the project raised the SQLSTATE PGRST with a message or detail that is not the required JSON",
        "PGRST203" => "several functions of this name match the call; drop the ones that the migrations did not create",
        "PGRST300" => "PostgREST has no JWT secret",
        "PGRST302" => "PostgREST accepts no request without a role; use the gateway's address, or the key in its JWT form",
        "XX000" => "the database reported an internal error; its log has the details",
        _ when code.StartsWith("PT", StringComparison.Ordinal) => "a function or a trigger of the project raised this status",
        _ => null,
    };
}
