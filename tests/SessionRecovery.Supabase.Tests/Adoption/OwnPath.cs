namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>Specifies how the application changes a balance.</summary>
internal enum OwnPath
{
    /// <summary>The application calls its own function through PostgREST with the secret key.</summary>
    Deduction,

    /// <summary>The application runs an UPDATE on a direct connection to the database.</summary>
    Webhook,
}
