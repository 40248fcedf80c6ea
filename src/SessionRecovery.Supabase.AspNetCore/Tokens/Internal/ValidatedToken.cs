using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

/// <summary>
/// A validated token and the key that validated it. Requests get a clone of the identity, because a host may add claims to it.
/// </summary>
internal sealed record ValidatedToken(ClaimsIdentity Identity, SecurityKey Key, DateTimeOffset ExpiresAt);
