using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Rest;

/// <summary>The configuration of PostgREST. It may be changed while the stand-in runs.</summary>
internal sealed class RestSettings
{
    /// <summary>Gets or sets the required audience of tokens that name an audience, or null to accept every audience.</summary>
    public string? Audience { get; set; }

    /// <summary>Gets or sets a value that indicates whether requests without a token are allowed.</summary>
    public bool AllowsAnonymous { get; set; } = true;

    /// <summary>Gets or sets a value that indicates whether <c>Prefer: tx=rollback</c> is allowed.</summary>
    public bool AllowsRollback { get; set; }

    /// <summary>Gets or sets the path of the role claim.</summary>
    public IReadOnlyList<string> RoleClaim { get; set; } = ["role"];

    /// <summary>Gets or sets the predicate that selects the configured keys of the project, or null for no key.</summary>
    public Func<SigningKey, bool>? IsConfiguredKey { get; set; } = static _ => true;
}
