using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

/// <summary>
/// Represents a validated token and the key that validated it. Each request receives a clone of the identity, because a host may add claims
/// to the identity.
/// </summary>
internal sealed record ValidatedToken(ClaimsIdentity Identity, SecurityKey Key, DateTimeOffset ExpiresAt);
