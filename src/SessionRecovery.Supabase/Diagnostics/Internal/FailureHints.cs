using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Diagnostics.Internal;

/// <summary>Provides hints that tell the operator how to correct a permanent failure.</summary>
internal static class FailureHints
{
    /// <param name="fault">The class of the failure.</param>
    /// <param name="grant">The hint that is returned if a database grant is missing.</param>
    public static string Get(SupabaseFault fault, string grant) => fault switch
    {
        SupabaseFault.Denied => grant,
        SupabaseFault.NotDefined => "it does not exist, or PostgREST has not reloaded its schema (NOTIFY pgrst, 'reload schema')",
        SupabaseFault.KeyRejected => "the API key does not belong to this project",
        _ => "docs/supabase.md describes what a project requires",
    };

    public static string GetForFunction(SupabaseFault fault) => Get(fault, "apply the migrations again, which grant it");
}
