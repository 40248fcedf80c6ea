namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>The ways in which the application changes a balance.</summary>
internal enum OwnPath
{
    /// <summary>The application's function, called through PostgREST with the secret key.</summary>
    Deduction,

    /// <summary>An UPDATE over a direct connection.</summary>
    Webhook,
}
