using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

/// <summary>
/// A token that was verified, with the key that verified it. The identity is never handed out itself: a host may add to what it gets.
/// </summary>
internal sealed record ValidatedToken(ClaimsIdentity Identity, SecurityKey Key, DateTimeOffset ExpiresAt);
