using System.Text.Json;
using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Sessions.Internal;

/// <summary>
/// Verifies a token with a request to the endpoint <c>/user</c> of Supabase Auth. A check of the signature is not sufficient, because a
/// token still has a valid signature after its session was ended on another device.
/// </summary>
internal sealed class SupabaseTokenVerifier(
    SupabaseConnection connection,
    SupabaseRetry retry,
    ILogger<SupabaseTokenVerifier> logger) : IAccessTokenVerifier
{
    public async ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        try
        {
            var response = await retry.SendAsync(attemptToken => GetUserAsync(token, attemptToken), cancellationToken)
                .ConfigureAwait(false);
            return Read(response, token);
        }
        catch (SupabaseException exception)
        {
            return ToResult(exception.Failure);
        }
    }

    private async Task<SupabaseResponse> GetUserAsync(AccessToken token, CancellationToken cancellationToken)
    {
        var response = await connection.GetAsync("/auth/v1/user", SupabaseCredential.ForUser(token), cancellationToken)
            .ConfigureAwait(false);
        return response.Succeeded ? response : throw SupabaseException.Create(SupabaseErrorClassifier.ClassifyAuth(response));
    }

    private static TokenVerificationResult Read(SupabaseResponse response, AccessToken token)
    {
        try
        {
            return UserId.TryParse(JsonSerializer.Deserialize(response.Body.Span, AuthJson.Default.AuthUser)?.Id, null, out var user)
                ? TokenVerificationResult.Valid(user, TokenClaims.Read(token).ExpiresAt)
                : TokenVerificationResult.Unavailable;
        }
        catch (JsonException)
        {
            return TokenVerificationResult.Unavailable;
        }
    }

    private TokenVerificationResult ToResult(SupabaseFailure failure)
    {
        if (failure.Fault == SupabaseFault.KeyRejected)
        {
            logger.AuthKeyRejected(failure.Code);
        }

        return failure.Fault == SupabaseFault.TokenRejected ? TokenVerificationResult.Rejected : TokenVerificationResult.Unavailable;
    }
}
