using System.Net.Http.Headers;

namespace RestartDrill.Clients;

internal static class RequestExtensions
{
    public static HttpRequestMessage Signed(this HttpRequestMessage request, string token)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    public static HttpRequestMessage With(this HttpRequestMessage request, string header, string? value)
    {
        if (value is not null)
        {
            request.Headers.Add(header, value);
        }

        return request;
    }
}
