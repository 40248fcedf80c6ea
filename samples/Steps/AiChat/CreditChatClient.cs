using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AiChat;

/// <summary>
/// Settles a paid request with what its answer cost. Each part of a stream sets the cost so far, so a client that leaves pays for the parts
/// that it received. A stream ends at the reserved amount, even if the model ignores the limit of its tokens.
/// </summary>
internal sealed class CreditChatClient(IChatClient model, IHttpContextAccessor http, UsageTable usage) : DelegatingChatClient(model)
{
    private const long ThousandthsPerToken = 20;

    private static readonly ChatFinishReason CreditLimit = new("credit_limit");

    public static int GetMaxTokens(HttpRequest request) =>
        int.TryParse(request.Query["maxTokens"], out var tokens) ? Math.Clamp(tokens, 1, 1000) : 200;

    // A token of the prompt has at least one byte. The fraction of earlier answers is at most 999 thousandths.
    public static long GetHighestPrice(HttpContext context)
    {
        var tokens = (context.Request.ContentLength ?? 10_000) + GetMaxTokens(context.Request);
        return ((tokens * ThousandthsPerToken) + 999 + 999) / 1000;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var context = http.HttpContext!;
        var paid = context.GetPaidRequest();
        var (user, key) = (context.User.FindFirst("sub")!.Value, context.Request.Headers["Idempotency-Key"].ToString());
        var tokens = 0L;
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            // A part without usage counts as one token until the model reports the usage.
            tokens = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details.TotalTokenCount ?? tokens + 1;
            var cost = Math.Min(tokens * ThousandthsPerToken, paid.Amount * 1000);
            await paid.SettleAsync(usage.Record(user, key, cost, paid.Amount));
            yield return update;
            if (cost == paid.Amount * 1000 && update.FinishReason is null)
            {
                yield return new ChatResponseUpdate { FinishReason = CreditLimit };
                yield break;
            }
        }
    }

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);
}
