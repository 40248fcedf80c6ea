namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>The ways in which the app itself changes a balance.</summary>
internal enum OwnPath
{
    /// <summary>Its function, called through PostgREST with the secret key.</summary>
    Deduction,

    /// <summary>An UPDATE over a connection of its own.</summary>
    Webhook,
}
