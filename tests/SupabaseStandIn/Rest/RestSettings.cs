using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Rest;

/// <summary>Contains the configuration of PostgREST, which tests may change while the test double runs.</summary>
internal sealed class RestSettings
{
    /// <summary>Gets or sets the audience that tokens with an audience must have, or null to accept every audience.</summary>
    public string? Audience { get; set; }

    /// <summary>Gets or sets a value that indicates whether requests without a token are allowed.</summary>
    public bool AllowsAnonymous { get; set; } = true;

    /// <summary>Gets or sets a value that indicates whether <c>Prefer: tx=rollback</c> is allowed.</summary>
    public bool AllowsRollback { get; set; }

    /// <summary>Gets or sets the path of the claim that contains the role.</summary>
    public IReadOnlyList<string> RoleClaim { get; set; } = ["role"];

    /// <summary>
    /// Gets or sets a predicate that selects the keys of the project with which PostgREST is configured, or null if PostgREST is configured
    /// without a key.
    /// </summary>
    public Func<SigningKey, bool>? IsConfiguredKey { get; set; } = static _ => true;
}
