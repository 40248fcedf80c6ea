using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Rest;

/// <summary>How PostgREST is set up. May be changed while the stand-in runs.</summary>
internal sealed class RestSettings
{
    /// <summary>The audience that a token must be for, if it names any; null for all.</summary>
    public string? Audience { get; set; }

    /// <summary>Whether there is a role for those who send no token.</summary>
    public bool AllowsAnonymous { get; set; } = true;

    /// <summary>Whether a request may ask that what it did be undone.</summary>
    public bool AllowsRollback { get; set; }

    /// <summary>Where in the token the role is.</summary>
    public IReadOnlyList<string> RoleClaim { get; set; } = ["role"];

    /// <summary>Which of the project's keys it was told of; null for none at all.</summary>
    public Func<SigningKey, bool>? Knows { get; set; } = static _ => true;
}
